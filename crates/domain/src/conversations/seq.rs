use std::fmt;

/// The number of a message in its conversation: 1, 2, 3 … without gaps, the same for everybody.
/// As a position, 0 is before the first message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(i64);

/// Why something is not a [`Seq`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 0 on")]
pub struct SeqError;

impl Seq {
    /// Before the first message.
    pub const ZERO: Self = Self(0);
    /// That of the first message.
    pub const FIRST: Self = Self(1);

    /// # Errors
    /// [`SeqError`] when it is negative.
    pub fn new(seq: i64) -> Result<Self, SeqError> {
        if seq >= 0 {
            Ok(Self(seq))
        } else {
            Err(SeqError)
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// How many messages lie after `earlier` up to this one; 0 when it is not earlier.
    #[must_use]
    pub fn beyond(self, earlier: Self) -> u64 {
        u64::try_from(self.0 - earlier.0).unwrap_or(0)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_never_negative_and_a_distance_neither() {
        assert_eq!(Seq::new(-1), Err(SeqError));
        let (two, five) = (Seq::new(2).unwrap(), Seq::new(5).unwrap());
        assert_eq!(
            (five.beyond(two), two.beyond(five), five.beyond(five)),
            (3, 0, 0)
        );
        assert_eq!(Seq::new(0), Ok(Seq::ZERO));
    }
}
