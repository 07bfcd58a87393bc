use anyhow::ensure;

/// How much to make up. A plan that exists can be carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) users: u32,
    pub(super) conversations: u32,
    pub(crate) messages: u64,
    pub(super) seed: u64,
}

impl Plan {
    /// # Errors
    /// When there are not enough people for so many conversations, or not enough messages to
    /// give each one.
    pub(crate) fn new(
        users: u32,
        conversations: u32,
        messages: u64,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let pairs = pairs_of(users);
        ensure!(users > 0, "--users must be at least 1");
        ensure!(
            u64::from(conversations) <= pairs,
            "--conversations {conversations} is too many: {users} users make {pairs} pairs"
        );
        ensure!(
            messages >= u64::from(conversations),
            "--messages {messages} is too few: each of {conversations} conversations has one at least"
        );
        ensure!(
            messages == 0 || conversations > 0,
            "--messages {messages} need a conversation to be in"
        );
        Ok(Self {
            users,
            conversations,
            messages,
            seed,
        })
    }
}

/// How many pairs so many people make.
pub(super) fn pairs_of(people: u32) -> u64 {
    let people = u64::from(people);
    people * people.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_people_for_its_conversations_and_messages_for_each() {
        for (users, conversations, messages) in
            [(1, 0, 0), (2, 1, 1), (5, 10, 10), (u32::MAX, 1, 9)]
        {
            assert!(Plan::new(users, conversations, messages, 1).is_ok());
        }
        for (users, conversations, messages, part) in [
            (0, 0, 0, "--users must be at least 1"),
            (1, 1, 1, "1 users make 0 pairs"),
            (5, 11, 100, "5 users make 10 pairs"),
            (5, 10, 9, "--messages 9 is too few"),
            (5, 0, 1, "need a conversation"),
        ] {
            let error = Plan::new(users, conversations, messages, 1).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
