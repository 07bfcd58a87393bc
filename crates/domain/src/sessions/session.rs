use std::time::Duration;

use uuid::Uuid;

use crate::Timestamp;

/// Names a session without giving it away: not the token, and not enough to act as its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub Uuid);

/// A session that was begun and not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last used, to [`Session::TOUCH_EVERY`].
    pub last_used_at: Timestamp,
}

impl Session {
    /// An unused session ends after this time.
    pub const IDLE: Duration = Duration::from_hours(14 * 24);
    /// Every session ends after this time.
    pub const ABSOLUTE: Duration = Duration::from_hours(90 * 24);
    /// How often a session in use is written down as used.
    pub const TOUCH_EVERY: Duration = Duration::from_mins(1);

    /// Whether it still counts.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.since(self.created_at) < Self::ABSOLUTE && now.since(self.last_used_at) < Self::IDLE
    }

    /// Whether its use should be written down again.
    #[must_use]
    pub fn is_touch_due(&self, now: Timestamp) -> bool {
        now.since(self.last_used_at) >= Self::TOUCH_EVERY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    fn session(created_at: Timestamp, last_used_at: Timestamp) -> Session {
        Session {
            id: SessionId(Uuid::nil()),
            created_at,
            last_used_at,
        }
    }

    #[test]
    fn a_session_ends_by_idleness_and_by_age() {
        let start = at(0);
        let unused = session(start, start);
        assert!(unused.is_live(start.after(Session::IDLE).before(Duration::from_millis(1))));
        assert!(!unused.is_live(start.after(Session::IDLE)));
        let end = start.after(Session::ABSOLUTE);
        let used = session(start, end);
        assert!(used.is_live(end.before(Duration::from_millis(1))));
        assert!(!used.is_live(end));
    }

    #[test]
    fn a_clock_that_jumps_back_ends_no_session() {
        let later = at(7_200_000);
        assert!(session(later, later).is_live(at(0)));
        assert!(!session(later, later).is_touch_due(at(0)));
    }

    #[test]
    fn use_is_written_down_once_a_minute() {
        assert!(!session(at(0), at(0)).is_touch_due(at(59_999)));
        assert!(session(at(0), at(0)).is_touch_due(at(60_000)));
    }
}
