use crate::conversations::{Position, Seq};
use crate::messages::Message;
use crate::sessions::SessionId;
use crate::users::{User, UserId};

/// Something that happened. It carries what is needed to show it, so that telling costs no query.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "events are shared, not moved about"
)]
pub enum Event {
    /// Something between two people.
    Between {
        /// Who did it.
        from: User,
        /// With whom.
        to: User,
        /// What it is.
        what: What,
    },
    /// A session ended: whoever acts for it must stop.
    SignedOut {
        /// Whose it was.
        user: UserId,
        /// The session.
        session: SessionId,
    },
    /// Sessions of a user were ended at once, all or all but one: whoever acts for one looks whether
    /// it lives.
    SignedOutEverywhere {
        /// Whose they were.
        user: UserId,
    },
    /// No stream of the user is open on one node any more: another one that has one says so.
    Absent {
        /// Who.
        user: UserId,
    },
}

/// What happens between two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A message was stored.
    Message(Message),
    /// Somebody has the messages, or has read, up to here.
    Reached(Position, Seq),
    /// Somebody came or went: [`User::is_online`] says which.
    Presence,
    /// Somebody is typing. It is stored nowhere and is over a few seconds later.
    Typing,
}

impl Event {
    /// The users who are told, and nobody else. One who stands there twice is told once.
    #[must_use]
    pub fn audience(&self) -> [UserId; 2] {
        match self {
            // Who types, has the messages, or is here, knows it.
            Self::Between {
                to,
                what: What::Typing | What::Presence | What::Reached(Position::Delivered, _),
                ..
            } => [to.id, to.id],
            // The reader's other pages; the other member is not to know.
            Self::Between {
                from,
                to,
                what: What::Reached(Position::Read, _),
            } if !from.shares_reading_with(to) => [from.id, from.id],
            Self::Between { from, to, .. } => [from.id, to.id],
            Self::SignedOut { user, .. }
            | Self::SignedOutEverywhere { user }
            | Self::Absent { user } => [*user, *user],
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::user;

    #[test]
    fn both_are_told_what_they_share_and_only_the_other_one_what_the_first_one_knows() {
        let (from, to) = (user("mary"), user("david"));
        let between = |what| Event::Between {
            from: from.clone(),
            to: to.clone(),
            what,
        };
        assert_eq!(
            between(What::Reached(Position::Read, Seq::ZERO)).audience(),
            [from.id, to.id]
        );
        let delivered = What::Reached(Position::Delivered, Seq::ZERO);
        for what in [What::Typing, What::Presence, delivered] {
            assert_eq!(between(what).audience(), [to.id, to.id]);
        }
        let session = SessionId(Uuid::nil());
        assert_eq!(
            Event::SignedOut {
                user: from.id,
                session
            }
            .audience(),
            [from.id, from.id]
        );
    }

    #[test]
    fn what_was_read_is_told_to_the_reader_alone_unless_both_share_it() {
        let read = |from: &User, to: &User| Event::Between {
            from: from.clone(),
            to: to.clone(),
            what: What::Reached(Position::Read, Seq::ZERO),
        };
        let (from, to) = (user("mary"), user("david"));
        let silent = |who: &User| User {
            read_receipts: false,
            ..who.clone()
        };
        assert_eq!(read(&from, &to).audience(), [from.id, to.id]);
        assert_eq!(read(&silent(&from), &to).audience(), [from.id, from.id]);
        assert_eq!(read(&from, &silent(&to)).audience(), [from.id, from.id]);
    }
}
