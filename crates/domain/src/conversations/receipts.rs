use super::{Position, Positions, Seq};

/// How far somebody is in a conversation, as much of it as the other member may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    delivered: Seq,
    read: Option<Seq>,
}

impl Receipts {
    /// All there is to see of these positions, or all but what was read.
    pub(super) fn of(positions: Positions, shares_reading: bool) -> Self {
        Self {
            delivered: positions.delivered(),
            read: shares_reading.then(|| positions.read()),
        }
    }

    /// What somebody sees who is told that this position was reached.
    #[must_use]
    pub fn at(position: Position, seq: Seq) -> Self {
        let read = match position {
            Position::Delivered => None,
            Position::Read => Some(seq),
        };
        Self {
            delivered: seq,
            read,
        }
    }

    /// Up to where a client of theirs has the messages.
    #[must_use]
    pub fn delivered(self) -> Seq {
        self.delivered
    }

    /// Up to where they have read; `None` when that is not known, as one of the two does not
    /// show it.
    #[must_use]
    pub fn read(self) -> Option<Seq> {
        self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_and_is_not_shown_was_delivered_all_the_same() {
        let seq = |n| Seq::new(n).unwrap();
        let positions = Positions::new(seq(2), seq(5));
        let shown = Receipts::of(positions, true);
        assert_eq!((shown.delivered(), shown.read()), (seq(5), Some(seq(5))));
        let hidden = Receipts::of(positions, false);
        assert_eq!((hidden.delivered(), hidden.read()), (seq(5), None));
    }

    #[test]
    fn whoever_is_told_of_a_position_sees_no_more_than_that() {
        let seq = Seq::new(5).unwrap();
        let delivered = Receipts::at(Position::Delivered, seq);
        assert_eq!((delivered.delivered(), delivered.read()), (seq, None));
        let read = Receipts::at(Position::Read, seq);
        assert_eq!((read.delivered(), read.read()), (seq, Some(seq)));
    }
}
