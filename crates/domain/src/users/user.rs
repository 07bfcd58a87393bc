use std::time::Duration;

use uuid::Uuid;

use super::{DisplayName, Username};
use crate::Timestamp;

/// Identifies a user for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub Uuid);

/// A user as every other user may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who it is.
    pub id: UserId,
    /// The name in URLs and at sign-in.
    pub username: Username,
    /// The name people read.
    pub display_name: DisplayName,
    /// When they last did something, to about a minute; `None` before their first sign-in.
    pub last_seen_at: Option<Timestamp>,
}

impl User {
    /// For how long after their last sign of life a user counts as online. `last_seen_at` is
    /// written at most once a minute, so this is twice that.
    pub const ONLINE_FOR: Duration = Duration::from_mins(2);

    /// Whether they were active within [`User::ONLINE_FOR`].
    #[must_use]
    pub fn is_online(&self, now: Timestamp) -> bool {
        self.last_seen_at
            .is_some_and(|at| now.since(at) < Self::ONLINE_FOR)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{at, user};

    #[test]
    fn online_is_two_minutes_after_the_last_sign_of_life() {
        let mut mary = user("mary");
        assert!(!mary.is_online(at(1_000)));
        mary.last_seen_at = Some(at(1_000));
        assert!(mary.is_online(at(120_999)));
        assert!(!mary.is_online(at(121_000)));
    }
}
