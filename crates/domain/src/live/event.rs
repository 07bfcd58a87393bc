use crate::conversations::Seq;
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
}

/// What happens between two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A message was stored.
    Message(Message),
    /// Somebody has read up to here.
    Read(Seq),
    /// Somebody is typing. It is stored nowhere and is over a few seconds later.
    Typing,
}

impl Event {
    /// The users who are told, and nobody else. One who stands there twice is told once.
    #[must_use]
    pub fn audience(&self) -> [UserId; 2] {
        match self {
            // Who types knows it.
            Self::Between {
                to,
                what: What::Typing,
                ..
            } => [to.id, to.id],
            Self::Between { from, to, .. } => [from.id, to.id],
            Self::SignedOut { user, .. } => [*user, *user],
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::user;

    #[test]
    fn both_are_told_what_is_stored_and_only_the_other_one_that_somebody_types() {
        let (from, to) = (user("mary"), user("david"));
        let between = |what| Event::Between {
            from: from.clone(),
            to: to.clone(),
            what,
        };
        assert_eq!(between(What::Read(Seq::ZERO)).audience(), [from.id, to.id]);
        assert_eq!(between(What::Typing).audience(), [to.id, to.id]);
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
}
