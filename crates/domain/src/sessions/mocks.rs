//! The ports of [`Sessions`] as its tests want them.

use std::net::Ipv4Addr;
use std::sync::Arc;

use mockall::predicate::eq;
use uuid::Uuid;

use super::{
    Ended, MockPasswordHasher, MockSessionRepository, PasswordHash, SessionId, Sessions, Verdict,
};
use crate::live::{Event, MockBroker};
use crate::testing::{StillClock, StillIds, user, username};
use crate::users::{Credentials, MockUserRepository, UserId};
use crate::{MockSignInLimit, StoreError};

/// Every mock refuses what was not expected of it.
#[derive(Default)]
pub(super) struct Ports {
    pub(super) users: MockUserRepository,
    pub(super) sessions: MockSessionRepository,
    pub(super) hasher: MockPasswordHasher,
    pub(super) limit: MockSignInLimit,
    pub(super) broker: MockBroker,
}

impl Ports {
    pub(super) fn within_limit() -> Self {
        let mut ports = Self::default();
        ports
            .limit
            .expect_check()
            .withf(|account, address| account == "mary" && *address == Ipv4Addr::LOCALHOST)
            .once()
            .returning(|_, _| Ok(()));
        ports
    }

    pub(super) fn with_mary(mut self, known: bool) -> Self {
        let found = known.then(|| Credentials {
            user: user("mary"),
            password_hash: PasswordHash::from_stored("$old"),
        });
        self.users
            .expect_find_credentials()
            .with(eq(username("mary")))
            .once()
            .returning(move |_| Ok(found.clone()));
        self
    }

    pub(super) fn verifying(mut self, known: bool, verdict: Verdict) -> Self {
        let hash = known.then(|| PasswordHash::from_stored("$old"));
        self.hasher
            .expect_verify()
            .withf(move |password, given| password.expose() == "secret" && *given == hash)
            .once()
            .returning(move |_, _| Ok(verdict));
        self
    }

    pub(super) fn service(self) -> Sessions {
        Sessions::new(
            Arc::new(self.users),
            Arc::new(self.sessions),
            Arc::new(self.hasher),
            Arc::new(self.limit),
            Arc::new(self.broker),
            Arc::new(StillClock),
            Arc::new(StillIds),
        )
    }
}

pub(super) const ENDED: Ended = Ended {
    session: SessionId(Uuid::from_u128(9)),
    user: UserId(Uuid::from_u128(8)),
};
pub(super) const TOLD: Event = Event::SignedOut {
    user: ENDED.user,
    session: ENDED.session,
};

pub(super) fn broken() -> StoreError {
    StoreError::Broken("broken".into())
}
