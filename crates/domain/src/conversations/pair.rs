use crate::users::UserId;

/// Two different people, in no order: what names their conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    low: UserId,
    high: UserId,
}

/// A conversation needs two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a conversation needs two different people")]
pub struct SamePerson;

impl Pair {
    /// # Errors
    /// [`SamePerson`] when both are the same.
    pub fn new(a: UserId, b: UserId) -> Result<Self, SamePerson> {
        match a.cmp(&b) {
            std::cmp::Ordering::Less => Ok(Self { low: a, high: b }),
            std::cmp::Ordering::Greater => Ok(Self { low: b, high: a }),
            std::cmp::Ordering::Equal => Err(SamePerson),
        }
    }

    /// The one with the lower id.
    #[must_use]
    pub fn low(self) -> UserId {
        self.low
    }

    /// The one with the higher id.
    #[must_use]
    pub fn high(self) -> UserId {
        self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::user;

    #[test]
    fn a_pair_has_no_order_and_no_double() {
        let (a, b) = (user("a").id, user("b").id);
        assert_eq!(Pair::new(a, b), Pair::new(b, a));
        let pair = Pair::new(b, a).unwrap();
        assert_eq!((pair.low(), pair.high()), (a, b));
        assert_eq!(Pair::new(a, a), Err(SamePerson));
    }
}
