use super::Seq;

/// How far a member is in a conversation. What was read was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Positions {
    delivered: Seq,
    read: Seq,
}

/// One of a member's positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Up to here a client of theirs has the messages.
    Delivered,
    /// Up to here they have read. Sending counts as having read what was there.
    Read,
}

impl Positions {
    /// Both as they were marked.
    #[must_use]
    pub fn new(delivered: Seq, read: Seq) -> Self {
        let delivered = delivered.max(read);
        Self { delivered, read }
    }

    /// Up to where a client of theirs has the messages.
    #[must_use]
    pub fn delivered(self) -> Seq {
        self.delivered
    }

    /// Up to where they have read.
    #[must_use]
    pub fn read(self) -> Seq {
        self.read
    }

    /// One of the two.
    #[must_use]
    pub fn at(self, position: Position) -> Seq {
        match position {
            Position::Delivered => self.delivered,
            Position::Read => self.read,
        }
    }
}

impl Default for Positions {
    /// Before the first message.
    fn default() -> Self {
        Self::new(Seq::ZERO, Seq::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_was_delivered() {
        let seq = |n| Seq::new(n).unwrap();
        let positions = Positions::new(seq(3), seq(5));
        assert_eq!((positions.delivered(), positions.read()), (seq(5), seq(5)));
        let positions = Positions::new(seq(7), seq(5));
        assert_eq!(positions.at(Position::Delivered), seq(7));
        assert_eq!(positions.at(Position::Read), seq(5));
    }
}
