use std::net::Ipv4Addr;
use std::time::Duration;

use mockall::Sequence;
use mockall::predicate::eq;

use super::super::mocks::{ENDED, Ports, TOLD, broken};
use super::super::{Begun, PasswordHash};
use super::*;
use crate::testing::{StillClock, StillIds, at, user};

impl Ports {
    fn beginning(mut self, hash: &'static str) -> Self {
        self.sessions
            .expect_begin()
            .withf(move |session, replacing| {
                session.id == SessionId(StillIds::UUID)
                    && session.token.as_bytes() == &StillIds::TOKEN
                    && session.user == user("mary").id
                    && session.proved_by.as_str() == hash
                    && session.created_at == at(StillClock::MILLIS)
                    && replacing
                        .as_ref()
                        .is_some_and(|token| token.as_bytes() == &[1; 32])
            })
            .once()
            .returning(|_, _| Ok(Begun::New(Some(ENDED))));
        self.broker
            .expect_publish()
            .with(eq(TOLD))
            .once()
            .returning(|_| ());
        self
    }

    async fn sign_in(self, name: &str) -> Result<SignedIn, SignInError> {
        let credential = Credential {
            username: name.to_owned(),
            password: Password::typed("secret".to_owned()),
            address: Ipv4Addr::LOCALHOST.into(),
        };
        let held = Some(SessionToken::from_bytes([1; 32]));
        self.service().sign_in(credential, held).await
    }
}

#[tokio::test]
async fn the_right_password_begins_a_session_with_a_new_token_and_ends_the_held_one() {
    let ports = Ports::within_limit()
        .with_mary(true)
        .verifying(true, Verdict::Match)
        .beginning("$old");
    let signed_in = ports.sign_in("mary").await.unwrap();
    assert_eq!(signed_in.token.as_bytes(), &StillIds::TOKEN);
    assert_eq!(signed_in.user.id, user("mary").id);
    assert_eq!(signed_in.user.last_seen_at, Some(at(StillClock::MILLIS)));
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_before_the_session_begins() {
    let mut ports = Ports::within_limit()
        .with_mary(true)
        .verifying(true, Verdict::MatchOutdated)
        .beginning("$new");
    let mut order = Sequence::new();
    ports
        .hasher
        .expect_hash()
        .withf(|password| password.expose() == "secret")
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(PasswordHash::from_stored("$new")));
    ports
        .users
        .expect_upgrade_password_hash()
        .with(
            eq(user("mary").id),
            eq(PasswordHash::from_stored("$old")),
            eq(PasswordHash::from_stored("$new")),
        )
        .once()
        .in_sequence(&mut order)
        .returning(|_, _, _| Ok(()));
    assert!(ports.sign_in("mary").await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_refused_alike_after_one_verification() {
    for known in [true, false] {
        let ports = Ports::within_limit()
            .with_mary(known)
            .verifying(known, Verdict::Mismatch);
        assert!(matches!(
            ports.sign_in("mary").await,
            Err(SignInError::Refused)
        ));
    }
}

#[tokio::test]
async fn a_hash_is_never_matched_without_a_user() {
    let ports = Ports::within_limit()
        .with_mary(false)
        .verifying(false, Verdict::Match);
    assert!(matches!(
        ports.sign_in("mary").await,
        Err(SignInError::Refused)
    ));
}

#[tokio::test]
async fn a_name_that_cannot_exist_costs_a_verification_and_no_look_up() {
    let mut ports = Ports::default().verifying(false, Verdict::Mismatch);
    ports
        .limit
        .expect_check()
        .withf(|account, _| account == "no such name")
        .once()
        .returning(|_, _| Ok(()));
    assert!(matches!(
        ports.sign_in("no such name").await,
        Err(SignInError::Refused)
    ));
}

#[tokio::test]
async fn too_many_attempts_are_refused_before_anything_is_looked_up_or_hashed() {
    let mut ports = Ports::default();
    let wait = RetryAfter(Duration::from_secs(12));
    ports
        .limit
        .expect_check()
        .once()
        .returning(move |_, _| Err(wait));
    let outcome = ports.sign_in("mary").await;
    assert!(matches!(outcome, Err(SignInError::TooMany(after)) if after == wait));
}

/// The hash is `$old` at the first look and `$new` at the next, which gets this verdict.
async fn while_the_hash_is_replaced(verdict: Verdict) -> Result<SignedIn, SignInError> {
    let mut ports = Ports::within_limit();
    let mut looks = Sequence::new();
    for (stored, verdict, begun) in [
        ("$old", Verdict::Match, Some(Begun::Unproved)),
        (
            "$new",
            verdict,
            (verdict == Verdict::Match).then_some(Begun::New(None)),
        ),
    ] {
        ports
            .users
            .expect_find_credentials()
            .once()
            .in_sequence(&mut looks)
            .returning(move |_| {
                Ok(Some(Credentials {
                    user: user("mary"),
                    password_hash: PasswordHash::from_stored(stored),
                }))
            });
        ports
            .hasher
            .expect_verify()
            .withf(move |_, hash| *hash == Some(PasswordHash::from_stored(stored)))
            .once()
            .in_sequence(&mut looks)
            .returning(move |_, _| Ok(verdict));
        if let Some(begun) = begun {
            ports
                .sessions
                .expect_begin()
                .withf(move |session, _| session.proved_by.as_str() == stored)
                .once()
                .in_sequence(&mut looks)
                .returning(move |_, _| Ok(begun));
        }
    }
    ports.sign_in("mary").await
}

#[tokio::test]
async fn a_password_that_was_replaced_while_it_was_checked_is_refused() {
    let outcome = while_the_hash_is_replaced(Verdict::Mismatch).await;
    assert!(matches!(outcome, Err(SignInError::Refused)));
}

#[tokio::test]
async fn a_hash_that_was_upgraded_by_another_sign_in_refuses_nobody() {
    assert!(while_the_hash_is_replaced(Verdict::Match).await.is_ok());
}

#[tokio::test]
async fn a_hash_that_never_stays_is_given_up() {
    let mut ports = Ports::within_limit();
    let found = Credentials {
        user: user("mary"),
        password_hash: PasswordHash::from_stored("$old"),
    };
    ports
        .users
        .expect_find_credentials()
        .times(2)
        .returning(move |_| Ok(Some(found.clone())));
    ports
        .hasher
        .expect_verify()
        .times(2)
        .returning(|_, _| Ok(Verdict::Match));
    ports
        .sessions
        .expect_begin()
        .times(2)
        .returning(|_, _| Ok(Begun::Unproved));
    assert!(matches!(
        ports.sign_in("mary").await,
        Err(SignInError::Refused)
    ));
}

#[tokio::test]
async fn a_failing_store_or_hasher_signs_nobody_in() {
    let mut ports = Ports::within_limit();
    ports
        .users
        .expect_find_credentials()
        .once()
        .returning(|_| Err(broken()));
    assert!(matches!(
        ports.sign_in("mary").await,
        Err(SignInError::Store(_))
    ));

    let mut ports = Ports::within_limit().with_mary(true);
    ports
        .hasher
        .expect_verify()
        .once()
        .returning(|_, _| Err(HashError("broken".into())));
    assert!(matches!(
        ports.sign_in("mary").await,
        Err(SignInError::Hash(_))
    ));

    let mut ports = Ports::within_limit()
        .with_mary(true)
        .verifying(true, Verdict::Match);
    ports
        .sessions
        .expect_begin()
        .once()
        .returning(|_, _| Err(broken()));
    assert!(matches!(
        ports.sign_in("mary").await,
        Err(SignInError::Store(_))
    ));
}
