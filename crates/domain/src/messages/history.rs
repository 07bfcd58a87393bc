use super::Message;
use crate::conversations::{Conversation, Seq};

/// Which piece of a conversation's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryRange {
    /// The newest messages.
    Newest,
    /// The nearest ones before this.
    Before(Seq),
    /// The nearest ones after this.
    After(Seq),
}

/// A piece of a conversation's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The conversation. Its last message may be left out here.
    pub conversation: Conversation,
    /// The messages with ascending `seq`, without a gap.
    pub messages: Vec<Message>,
    /// What was asked for.
    pub range: HistoryRange,
}

impl History {
    /// Whether there are messages before these.
    #[must_use]
    pub fn has_older(&self) -> bool {
        let first = Seq::ZERO.get() + 1;
        match (self.messages.first(), self.range) {
            (Some(message), _) => message.seq.get() > first,
            (None, HistoryRange::After(seq)) => seq.min(self.conversation.last_seq).get() >= first,
            (None, HistoryRange::Newest | HistoryRange::Before(_)) => false,
        }
    }

    /// Whether there are messages after these.
    #[must_use]
    pub fn has_newer(&self) -> bool {
        match (self.messages.last(), self.range) {
            (Some(message), _) => message.seq < self.conversation.last_seq,
            (None, HistoryRange::Before(_)) => self.conversation.last_seq > Seq::ZERO,
            (None, HistoryRange::Newest | HistoryRange::After(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::messages::{ClientId, MessageBody, MessageId};
    use crate::testing::{at, user};

    fn seq(n: i64) -> Seq {
        Seq::new(n).unwrap()
    }

    /// The messages `seqs` out of a conversation of ten.
    fn history(range: HistoryRange, seqs: std::ops::RangeInclusive<i64>) -> History {
        let message = |n| Message {
            id: MessageId(Uuid::nil()),
            client_id: ClientId(Uuid::nil()),
            seq: seq(n),
            sender: user("mary").id,
            body: MessageBody::parse("hello").unwrap(),
            sent_at: at(0),
        };
        let conversation = Conversation {
            last_seq: seq(10),
            ..Conversation::empty(user("mary"))
        };
        History {
            conversation,
            messages: seqs.map(message).collect(),
            range,
        }
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "a piece without messages")]
    fn a_piece_knows_whether_there_is_more_on_either_side() {
        let sides = |range, seqs| {
            let piece = history(range, seqs);
            (piece.has_older(), piece.has_newer())
        };
        assert_eq!(sides(HistoryRange::Newest, 6..=10), (true, false));
        assert_eq!(sides(HistoryRange::Newest, 1..=10), (false, false));
        assert_eq!(sides(HistoryRange::Before(seq(6)), 3..=5), (true, true));
        assert_eq!(sides(HistoryRange::Before(seq(3)), 1..=2), (false, true));
        assert_eq!(sides(HistoryRange::Before(seq(1)), 1..=0), (false, true));
        assert_eq!(sides(HistoryRange::After(seq(3)), 4..=6), (true, true));
        assert_eq!(sides(HistoryRange::After(seq(0)), 1..=3), (false, true));
        assert_eq!(sides(HistoryRange::After(seq(10)), 1..=0), (true, false));
        assert_eq!(sides(HistoryRange::After(seq(99)), 1..=0), (true, false));
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "a piece without messages")]
    fn an_empty_conversation_has_nothing_on_any_side() {
        for range in [
            HistoryRange::Newest,
            HistoryRange::Before(seq(5)),
            HistoryRange::After(seq(5)),
        ] {
            let mut piece = history(range, 1..=0);
            piece.conversation.last_seq = Seq::ZERO;
            assert_eq!(
                (piece.has_older(), piece.has_newer()),
                (false, false),
                "{range:?}"
            );
        }
    }
}
