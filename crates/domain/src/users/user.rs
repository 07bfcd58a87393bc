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
    /// When a stream of theirs was last known to be open, to [`User::PRESENT_EVERY`]; `None` since
    /// the last one was closed.
    pub present_at: Option<Timestamp>,
    /// Whether they show others what they have read. Who does not sees of nobody what they read.
    pub read_receipts: bool,
}

impl User {
    /// How often it is written down that a stream of a user is open.
    pub const PRESENT_EVERY: Duration = Duration::from_mins(1);
    /// For how long that counts: a node that dies says nothing of the streams that end with it.
    /// It is twice [`User::PRESENT_EVERY`], as nodes look only now and then whether it is time.
    pub const ONLINE_FOR: Duration = Duration::from_mins(2);

    /// Whether a stream of theirs is open on any node.
    #[must_use]
    pub fn is_online(&self, now: Timestamp) -> bool {
        self.present_at
            .is_some_and(|at| now.since(at) < Self::ONLINE_FOR)
    }

    /// Whether the two see of each other what they have read: only if both show it.
    #[must_use]
    pub fn shares_reading_with(&self, other: &Self) -> bool {
        self.read_receipts && other.read_receipts
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{at, user};

    #[test]
    fn online_is_for_two_minutes_after_a_stream_was_open() {
        let mut mary = user("mary");
        assert!(!mary.is_online(at(1_000)));
        mary.last_seen_at = Some(at(1_000));
        assert!(!mary.is_online(at(1_000)));
        mary.present_at = Some(at(1_000));
        assert!(mary.is_online(at(120_999)));
        assert!(!mary.is_online(at(121_000)));
    }

    #[test]
    fn what_is_read_is_shared_both_ways_or_not_at_all() {
        for (mine, theirs, shared) in [
            (true, true, true),
            (true, false, false),
            (false, true, false),
            (false, false, false),
        ] {
            let (mut mary, mut david) = (user("mary"), user("david"));
            (mary.read_receipts, david.read_receipts) = (mine, theirs);
            assert_eq!(mary.shares_reading_with(&david), shared);
            assert_eq!(david.shares_reading_with(&mary), shared);
        }
    }
}
