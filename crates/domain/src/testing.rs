//! What the unit tests of several features share: a clock and ids that stand still, and people.

use uuid::Uuid;

use crate::sessions::SessionToken;
use crate::users::{DisplayName, User, UserId, Username};
use crate::{Clock, Ids, Timestamp};

pub(crate) struct StillClock;

impl StillClock {
    pub(crate) const MILLIS: i64 = 1_700_000_000_000;
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        at(Self::MILLIS)
    }
}

pub(crate) struct StillIds;

impl StillIds {
    pub(crate) const UUID: Uuid = Uuid::from_u128(0x7777);
    pub(crate) const TOKEN: [u8; 32] = [7; 32];
}

impl Ids for StillIds {
    fn uuid(&self, _now: Timestamp) -> Uuid {
        Self::UUID
    }

    fn session_token(&self) -> SessionToken {
        SessionToken::from_bytes(Self::TOKEN)
    }
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

pub(crate) fn username(name: &str) -> Username {
    Username::parse(name).unwrap()
}

/// A user whose id is made from the name, so that the same name is the same user.
pub(crate) fn user(name: &str) -> User {
    let id = name.bytes().fold(0, |id, byte| id * 256 + u128::from(byte));
    User {
        id: UserId(Uuid::from_u128(id)),
        username: username(name),
        display_name: DisplayName::parse(name).unwrap(),
        last_seen_at: None,
        present_at: None,
        read_receipts: true,
    }
}
