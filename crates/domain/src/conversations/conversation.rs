use uuid::Uuid;

use super::{Positions, Receipts, Seq};
use crate::messages::Message;
use crate::users::User;

/// Identifies a conversation for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationId(pub Uuid);

/// A conversation as one member sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// `None` before the first message: a look makes no conversation.
    pub id: Option<ConversationId>,
    /// The other member.
    pub with: User,
    /// The number of its last message.
    pub last_seq: Seq,
    /// How far the viewer is.
    pub mine: Positions,
    /// How far the other member is. What the viewer may see of it: [`Conversation::receipts_for`].
    pub peers: Positions,
    /// Its last message.
    pub last_message: Option<Message>,
}

impl Conversation {
    /// Of two people who have not written to each other yet.
    #[must_use]
    pub fn empty(with: User) -> Self {
        Self {
            id: None,
            with,
            last_seq: Seq::ZERO,
            mine: Positions::default(),
            peers: Positions::default(),
            last_message: None,
        }
    }

    /// How many messages the viewer has not read.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.last_seq.beyond(self.mine.read())
    }

    /// How far the other member is, as much of it as `viewer` may see: what was read only if both
    /// show each other.
    #[must_use]
    pub fn receipts_for(&self, viewer: &User) -> Receipts {
        Receipts::of(self.peers, viewer.shares_reading_with(&self.with))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::user;

    #[test]
    fn unread_is_a_difference() {
        let mut conversation = Conversation::empty(user("mary"));
        assert_eq!(conversation.unread(), 0);
        conversation.last_seq = Seq::new(7).unwrap();
        conversation.mine = Positions::new(Seq::ZERO, Seq::new(4).unwrap());
        assert_eq!(conversation.unread(), 3);
    }

    #[test]
    fn who_shows_nobody_what_they_read_sees_of_nobody_what_they_read() {
        let seq = |n| Seq::new(n).unwrap();
        let (mut viewer, mut conversation) = (user("david"), Conversation::empty(user("mary")));
        conversation.peers = Positions::new(seq(4), seq(3));
        for (mine, theirs, read) in [
            (true, true, Some(seq(3))),
            (true, false, None),
            (false, true, None),
        ] {
            (viewer.read_receipts, conversation.with.read_receipts) = (mine, theirs);
            let receipts = conversation.receipts_for(&viewer);
            assert_eq!((receipts.delivered(), receipts.read()), (seq(4), read));
        }
    }
}
