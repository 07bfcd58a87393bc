use std::net::Ipv4Addr;
use std::time::Duration;

use mockall::Sequence;
use mockall::predicate::eq;

use super::super::mocks::{Ports, broken};
use super::super::{HashError, PasswordHash, SessionId, Verdict};
use super::*;
use crate::RetryAfter;
use crate::live::Event;
use crate::testing::{StillClock, StillIds, at, user, username};
use crate::users::Credentials;

impl Ports {
    fn hashing_the_new_one(mut self) -> Self {
        self.hasher
            .expect_hash()
            .withf(|password| password.expose() == "correct horse")
            .once()
            .returning(|_| Ok(PasswordHash::from_stored("$new")));
        self
    }

    fn changing(mut self, changed: bool) -> Self {
        self.users
            .expect_change_password()
            .with(
                eq(user("mary").id),
                eq(PasswordHash::from_stored("$old")),
                eq(PasswordHash::from_stored("$new")),
                eq(SessionId(StillIds::UUID)),
                eq(at(StillClock::MILLIS)),
            )
            .once()
            .returning(move |_, _, _, _, _| Ok(changed));
        self
    }

    fn telling_all(mut self) -> Self {
        let user = user("mary").id;
        self.broker
            .expect_publish()
            .with(eq(Event::SignedOutEverywhere { user }))
            .once()
            .returning(|_| ());
        self
    }

    /// Mary, whose password is "secret", wants another one.
    async fn change_password(self) -> Result<(), SignInError> {
        let this = Authenticated {
            session: SessionId(StillIds::UUID),
            user: user("mary"),
            touch_due: false,
        };
        let change = PasswordChange {
            old: Password::typed("secret".to_owned()),
            new: NewPassword::parse("correct horse").unwrap(),
            address: Ipv4Addr::LOCALHOST.into(),
        };
        self.service().change_password(&this, change).await
    }
}

#[tokio::test]
async fn the_old_password_gives_way_to_the_new_one_and_all_other_sessions_look_whether_they_live() {
    let ports = Ports::within_limit()
        .with_mary(true)
        .verifying(true, Verdict::Match)
        .hashing_the_new_one()
        .changing(true)
        .telling_all();
    ports.change_password().await.unwrap();
}

#[tokio::test]
async fn with_a_wrong_old_password_nothing_is_hashed_or_changed() {
    // The user was disabled since, or the password is another one.
    for known in [true, false] {
        let ports = Ports::within_limit()
            .with_mary(known)
            .verifying(known, Verdict::Mismatch);
        let outcome = ports.change_password().await;
        assert!(matches!(outcome, Err(SignInError::Refused)));
    }
}

#[tokio::test]
async fn who_guesses_too_often_is_refused_before_anything_is_looked_up_or_hashed() {
    let mut ports = Ports::default();
    let wait = RetryAfter(Duration::from_secs(12));
    ports
        .limit
        .expect_check()
        .withf(|account, address| account == "mary" && *address == Ipv4Addr::LOCALHOST)
        .once()
        .returning(move |_, _| Err(wait));
    let outcome = ports.change_password().await;
    assert!(matches!(outcome, Err(SignInError::TooMany(after)) if after == wait));
}

/// The hash is `$old` at the first look, and another one of the same password from then on.
fn while_the_hash_is_upgraded(changed: bool) -> Ports {
    let mut ports = Ports::within_limit().hashing_the_new_one();
    let mut looks = Sequence::new();
    for (stored, changed) in [("$old", false), ("$better", changed)] {
        let found = Credentials {
            user: user("mary"),
            password_hash: PasswordHash::from_stored(stored),
        };
        ports
            .users
            .expect_find_credentials()
            .with(eq(username("mary")))
            .once()
            .in_sequence(&mut looks)
            .returning(move |_| Ok(Some(found.clone())));
        ports
            .hasher
            .expect_verify()
            .once()
            .in_sequence(&mut looks)
            .returning(|_, _| Ok(Verdict::Match));
        ports
            .users
            .expect_change_password()
            .withf(move |_, old, new, _, _| old.as_str() == stored && new.as_str() == "$new")
            .once()
            .in_sequence(&mut looks)
            .returning(move |_, _, _, _, _| Ok(changed));
    }
    ports
}

#[tokio::test]
async fn a_hash_that_is_upgraded_meanwhile_refuses_nobody_and_the_new_one_is_hashed_once() {
    let ports = while_the_hash_is_upgraded(true).telling_all();
    ports.change_password().await.unwrap();
}

#[tokio::test]
async fn a_hash_that_never_stays_is_given_up_and_told_to_nobody() {
    let outcome = while_the_hash_is_upgraded(false).change_password().await;
    assert!(matches!(outcome, Err(SignInError::Refused)));
}

#[tokio::test]
async fn a_failing_store_or_hasher_changes_nothing_and_is_told_to_nobody() {
    let mut ports = Ports::within_limit()
        .with_mary(true)
        .verifying(true, Verdict::Match);
    ports
        .hasher
        .expect_hash()
        .once()
        .returning(|_| Err(HashError("broken".into())));
    let outcome = ports.change_password().await;
    assert!(matches!(outcome, Err(SignInError::Hash(_))));

    let mut ports = Ports::within_limit()
        .with_mary(true)
        .verifying(true, Verdict::Match)
        .hashing_the_new_one();
    ports
        .users
        .expect_change_password()
        .once()
        .returning(|_, _, _, _, _| Err(broken()));
    let outcome = ports.change_password().await;
    assert!(matches!(outcome, Err(SignInError::Store(_))));
}
