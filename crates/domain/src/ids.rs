//! Where identifiers and secrets come from.

use uuid::{NoContext, Uuid};

use crate::Timestamp;
use crate::sessions::SessionToken;

/// Port: the one source of identifiers and random secrets.
pub trait Ids: Send + Sync {
    /// A new `UUIDv7` (RFC 9562) made at `now`; later ones sort later, to the millisecond.
    fn uuid(&self, now: Timestamp) -> Uuid;

    /// A new session token: 256 bits from a cryptographically secure source.
    fn session_token(&self) -> SessionToken;
}

/// Secrets from the operating system's random source; identifiers, which are none, from a generator
/// that it seeds.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = now.unix_millis().unsigned_abs();
        let nanos = u32::try_from(millis % 1_000).unwrap_or(0) * 1_000_000;
        Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, millis / 1_000, nanos))
    }

    fn session_token(&self) -> SessionToken {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system has a random source");
        SessionToken::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_carries_its_moment_and_two_are_never_the_same() {
        let now = Timestamp::parse("2026-01-02T03:04:05.678Z").unwrap();
        let (a, b) = (RandomIds.uuid(now), RandomIds.uuid(now));
        assert_ne!(a, b);
        assert_eq!(a.get_version_num(), 7);
        assert_eq!(
            a.get_timestamp().unwrap().to_unix(),
            (1_767_323_045, 678_000_000)
        );
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(
            RandomIds.session_token().expose(),
            RandomIds.session_token().expose()
        );
    }
}
