use std::time::Duration;

use mockall::predicate::eq;
use uuid::Uuid;

use super::super::mocks::{ENDED, Ports, TOLD, broken};
use super::*;
use crate::testing::{StillClock, StillIds, at, user};

fn finding(found: Option<(Session, User)>) -> Sessions {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_find()
        .withf(|token| token.as_bytes() == &[1; 32])
        .once()
        .returning(move |_| Ok(found.clone()));
    ports.service()
}

fn session(created_at: i64, last_used_at: i64) -> Session {
    Session {
        id: SessionId(StillIds::UUID),
        created_at: at(created_at),
        last_used_at: at(last_used_at),
    }
}

#[tokio::test]
async fn a_token_names_its_user_and_says_when_a_touch_is_due() {
    let now = StillClock::MILLIS;
    for (last_used_at, touch_due) in [(now - 59_999, false), (now - 60_000, true)] {
        let sessions = finding(Some((session(now - 100_000, last_used_at), user("mary"))));
        let found = sessions
            .authenticate(&SessionToken::from_bytes([1; 32]))
            .await
            .unwrap();
        let session = SessionId(StillIds::UUID);
        assert_eq!(
            found,
            Some(Authenticated {
                session,
                user: user("mary"),
                touch_due
            })
        );
    }
}

#[tokio::test]
async fn an_ended_an_idle_and_an_old_session_name_nobody() {
    let now = StillClock::MILLIS;
    let age = |duration: Duration| now - i64::try_from(duration.as_millis()).unwrap();
    let idle = session(age(Session::IDLE), age(Session::IDLE));
    let old = session(age(Session::ABSOLUTE), now);
    for found in [None, Some((idle, user("mary"))), Some((old, user("mary")))] {
        let sessions = finding(found);
        let found = sessions
            .authenticate(&SessionToken::from_bytes([1; 32]))
            .await
            .unwrap();
        assert_eq!(found, None);
    }
}

#[tokio::test]
async fn touching_writes_session_user_and_time() {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_touch()
        .with(
            eq(SessionId(StillIds::UUID)),
            eq(user("mary").id),
            eq(at(StillClock::MILLIS)),
        )
        .once()
        .returning(|_, _, _| Ok(()));
    let session = SessionId(StillIds::UUID);
    let authenticated = Authenticated {
        session,
        user: user("mary"),
        touch_due: true,
    };
    ports.service().touch(&authenticated).await.unwrap();
}

#[tokio::test]
async fn signing_out_ends_the_session_or_says_that_it_could_not() {
    for fails in [false, true] {
        let mut ports = Ports::default();
        ports
            .sessions
            .expect_end()
            .withf(|token| token.as_bytes() == &[1; 32])
            .once()
            .returning(move |_| {
                if fails {
                    Err(broken())
                } else {
                    Ok(Some(ENDED))
                }
            });
        let told = usize::from(!fails);
        ports
            .broker
            .expect_publish()
            .with(eq(TOLD))
            .times(told)
            .returning(|_| ());
        let outcome = ports
            .service()
            .sign_out(&SessionToken::from_bytes([1; 32]))
            .await;
        assert_eq!(outcome.is_err(), fails);
    }
}

#[tokio::test]
async fn where_no_session_was_ended_nobody_is_told() {
    let mut ports = Ports::default();
    ports.sessions.expect_end().once().returning(|_| Ok(None));
    let token = SessionToken::from_bytes([1; 32]);
    assert!(ports.service().sign_out(&token).await.is_ok());
}

#[tokio::test]
async fn purging_removes_what_is_past_its_age_or_idleness() {
    let mut ports = Ports::default();
    let now = at(StillClock::MILLIS);
    ports
        .sessions
        .expect_purge()
        .with(
            eq(now.before(Session::ABSOLUTE)),
            eq(now.before(Session::IDLE)),
        )
        .once()
        .returning(|_, _| Ok(3));
    assert_eq!(ports.service().purge().await.unwrap(), 3);
}

#[tokio::test]
async fn an_end_of_all_sessions_is_told_once_and_a_later_one_again() {
    let now = at(StillClock::MILLIS);
    let (mary, zoe) = (user("mary").id, user("zoe").id);
    let (first, again) = ((mary, at(1)), (mary, at(3)));
    for (told, found, news) in [
        (vec![], vec![first], vec![mary]),
        (vec![first], vec![first, (zoe, at(2))], vec![zoe]),
        (vec![first], vec![again], vec![mary]),
        (vec![first], vec![], vec![]),
    ] {
        let mut ports = Ports::default();
        let ended = found.clone();
        ports
            .sessions
            .expect_list_ended()
            .with(eq(now.before(Duration::from_mins(1))))
            .once()
            .returning(move |_| Ok(ended.clone()));
        for user in news {
            ports
                .broker
                .expect_publish()
                .with(eq(Event::SignedOutEverywhere { user }))
                .once()
                .returning(|_| ());
        }
        let all = ports.service().tell_of_ended(&AllEnded(told)).await;
        assert_eq!(all.unwrap(), AllEnded(found));
    }
}

fn mary_at(session: u128) -> Authenticated {
    Authenticated {
        session: SessionId(Uuid::from_u128(session)),
        user: user("mary"),
        touch_due: false,
    }
}

#[tokio::test]
async fn ones_sessions_are_listed_but_for_those_too_old_to_live() {
    let now = StillClock::MILLIS;
    let lives = session(now - 100_000, now - 50_000);
    let idle = session(0, now - i64::try_from(Session::IDLE.as_millis()).unwrap());
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_list_of()
        .with(eq(user("mary").id), eq(ListLimit::default()))
        .once()
        .returning(move |_, _| Ok(vec![lives, idle]));
    let listed = ports.service().list(user("mary").id).await.unwrap();
    assert_eq!(listed, [lives]);
}

#[tokio::test]
async fn a_session_that_was_ended_is_told_of_and_one_that_was_not_is_not() {
    for ended in [true, false] {
        let mut ports = Ports::default();
        ports
            .sessions
            .expect_end_one()
            .with(eq(ENDED.user), eq(ENDED.session))
            .once()
            .returning(move |_, _| Ok(ended));
        ports
            .broker
            .expect_publish()
            .with(eq(TOLD))
            .times(usize::from(ended))
            .returning(|_| ());
        let outcome = ports.service().end_one(ENDED.user, ENDED.session).await;
        assert_eq!(outcome.unwrap(), ended.then_some(()));
    }
}

#[tokio::test]
async fn all_but_this_one_end_and_look_whether_they_live_if_there_are_any() {
    for others in [0, 3] {
        let this = mary_at(7);
        let mut ports = Ports::default();
        ports
            .sessions
            .expect_end_others()
            .with(eq(this.user.id), eq(this.session))
            .once()
            .returning(move |_, _| Ok(others));
        let user = this.user.id;
        ports
            .broker
            .expect_publish()
            .with(eq(Event::SignedOutEverywhere { user }))
            .times(usize::from(others > 0))
            .returning(|_| ());
        ports.service().end_others(&this).await.unwrap();
    }
}

#[tokio::test]
async fn where_the_store_fails_nobody_is_told_that_a_session_ended() {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_end_one()
        .once()
        .returning(|_, _| Err(broken()));
    let outcome = ports.service().end_one(ENDED.user, ENDED.session).await;
    assert!(outcome.is_err());
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_end_others()
        .once()
        .returning(|_, _| Err(broken()));
    assert!(ports.service().end_others(&mary_at(7)).await.is_err());
}
