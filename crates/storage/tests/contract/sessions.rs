//! `SessionRepository`.

use domain::sessions::{Begun, Ended, NewSession, SessionId};

use crate::people::*;
use crate::place::{Place, on_both};

async fn a_session_is_found_by_its_token_with_its_user(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let id = sign_in(&store, &mary, 1, 5).await;
    let found = store.sessions().find(&token(1)).await.unwrap();
    let (session, user) = found.unwrap();
    assert_eq!((session.id, session.created_at), (id, at(5)));
    assert_eq!(session.last_used_at, at(5));
    assert_eq!((user.id, user.last_seen_at), (mary.id, Some(at(5))));
    assert!(!is_signed_in(&store, 2).await);
}

async fn beginning_ends_the_session_that_was_held_whosever_it_was(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let held = Ended {
        session: sign_in(&store, &john, 1, 5).await,
        user: john.id,
    };
    sign_in(&store, &mary, 2, 5).await;
    let next = session(&mary, 3, 6);
    let begun = store.sessions().begin(&next, Some(token(1))).await;
    assert_eq!(begun.unwrap(), Begun::New(Some(held)));
    assert!(!is_signed_in(&store, 1).await);
    assert!(is_signed_in(&store, 2).await);
    assert!(is_signed_in(&store, 3).await);
    // A token that is nobody's replaces nothing.
    let next = session(&mary, 4, 6);
    let begun = store.sessions().begin(&next, Some(token(9))).await;
    assert_eq!(begun.unwrap(), Begun::New(None));
    assert!(is_signed_in(&store, 4).await);
}

async fn a_session_that_cannot_begin_ends_none(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    sign_in(&store, &mary, 1, 5).await;
    sign_in(&store, &mary, 2, 5).await;
    let taken = session(&mary, 2, 7);
    let begun = store.sessions().begin(&taken, Some(token(1))).await;
    assert!(matches!(begun, Err(domain::StoreError::Broken(_))));
    assert!(is_signed_in(&store, 1).await);
    let found = store.users().find_by_username(&name("mary")).await.unwrap();
    assert_eq!(found.unwrap().last_seen_at, Some(at(5)));
}

async fn none_begins_once_the_hash_that_proved_it_is_replaced(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let id = sign_in(&store, &john, 1, 5).await;
    let (users, sessions) = (store.users(), store.sessions());
    let changed = users
        .set_password(&name("mary"), &hash("$second"), at(6))
        .await;
    assert!(changed.unwrap());
    let late = session(&mary, 2, 6);
    let begun = sessions.begin(&late, Some(token(1))).await.unwrap();
    assert_eq!(begun, Begun::Unproved);
    assert!(!is_signed_in(&store, 2).await);
    assert!(is_signed_in(&store, 1).await);
    let found = users.find_by_username(&name("mary")).await.unwrap();
    assert_eq!(found.unwrap().last_seen_at, None);

    let proved_by = hash("$second");
    let again = NewSession { proved_by, ..late };
    let begun = sessions.begin(&again, Some(token(1))).await.unwrap();
    let held = Ended {
        session: id,
        user: john.id,
    };
    assert_eq!(begun, Begun::New(Some(held)));
    assert!(!is_signed_in(&store, 1).await);
}

async fn none_begins_once_its_user_is_disabled(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    disable(&store, "mary").await;
    let late = session(&mary, 1, 6);
    let begun = store.sessions().begin(&late, None).await.unwrap();
    assert_eq!(begun, Begun::Unproved);
    enable(&store, "mary").await;
    assert!(!is_signed_in(&store, 1).await);
}

async fn no_session_outlives_a_new_password_however_many_begin(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let begin = |byte| {
        let (sessions, session) = (store.sessions(), session(&mary, byte, 5));
        tokio::spawn(async move { sessions.begin(&session, None).await.unwrap() })
    };
    let before: Vec<_> = (0..30).map(begin).collect();
    let users = store.users();
    let changing = tokio::spawn(async move {
        let changed = users
            .set_password(&name("mary"), &hash("$second"), at(6))
            .await;
        assert!(changed.unwrap());
    });
    let after: Vec<_> = (30..60).map(begin).collect();
    for task in before.into_iter().chain(after) {
        task.await.unwrap();
    }
    changing.await.unwrap();
    for byte in 0..60 {
        assert!(!is_signed_in(&store, byte).await, "{byte}");
    }
}

async fn use_is_written_down_and_never_goes_back(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let id = sign_in(&store, &mary, 1, 50).await;
    let seen = async || {
        let found = store.sessions().find(&token(1)).await.unwrap().unwrap();
        (found.0.last_used_at, found.1.last_seen_at)
    };
    store.sessions().touch(id, mary.id, at(70)).await.unwrap();
    assert_eq!(seen().await, (at(70), Some(at(70))));
    store.sessions().touch(id, mary.id, at(60)).await.unwrap();
    assert_eq!(seen().await, (at(70), Some(at(70))));
    // A second session begun by a clock that was set back.
    sign_in(&store, &mary, 2, 40).await;
    assert_eq!(seen().await, (at(70), Some(at(70))));
}

async fn a_session_that_has_ended_stays_ended(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let id = sign_in(&store, &mary, 1, 5).await;
    sign_in(&store, &mary, 2, 5).await;
    let ended = store.sessions().end(&token(1)).await.unwrap();
    let expected = Ended {
        session: id,
        user: mary.id,
    };
    assert_eq!(ended, Some(expected));
    store.sessions().touch(id, mary.id, at(70)).await.unwrap();
    assert!(!is_signed_in(&store, 1).await);
    assert!(is_signed_in(&store, 2).await);
    // Nothing happens when there is none.
    assert_eq!(store.sessions().end(&token(1)).await.unwrap(), None);
}

async fn the_sessions_of_one_user_are_listed_the_newest_first(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let oldest = sign_in(&store, &mary, 1, 10).await;
    let newest = sign_in(&store, &mary, 2, 30).await;
    let middle = sign_in(&store, &mary, 3, 20).await;
    sign_in(&store, &john, 4, 25).await;
    store
        .sessions()
        .touch(oldest, mary.id, at(90))
        .await
        .unwrap();
    let list = async |n| {
        let listed = store.sessions().list_of(mary.id, limit(n)).await.unwrap();
        let parts = listed
            .iter()
            .map(|it| (it.id, it.created_at, it.last_used_at));
        parts.collect::<Vec<_>>()
    };
    let all = [
        (newest, at(30), at(30)),
        (middle, at(20), at(20)),
        (oldest, at(10), at(90)),
    ];
    assert_eq!(list(9).await, all);
    assert_eq!(list(2).await, all[..2]);
    store.sessions().end(&token(2)).await.unwrap();
    assert_eq!(list(9).await, all[1..]);
}

async fn one_session_is_ended_by_its_user_only(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let id = sign_in(&store, &mary, 1, 5).await;
    sign_in(&store, &mary, 2, 5).await;
    let sessions = store.sessions();
    assert!(!sessions.end_one(john.id, id).await.unwrap());
    assert!(
        !sessions
            .end_one(mary.id, SessionId(new_id()))
            .await
            .unwrap()
    );
    assert!(is_signed_in(&store, 1).await);
    assert!(sessions.end_one(mary.id, id).await.unwrap());
    assert!(!is_signed_in(&store, 1).await);
    assert!(is_signed_in(&store, 2).await);
    assert!(!sessions.end_one(mary.id, id).await.unwrap());
}

async fn all_others_end_and_nobody_elses(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let keeping = sign_in(&store, &mary, 1, 5).await;
    for byte in [2, 3] {
        sign_in(&store, &mary, byte, 5).await;
    }
    let of_john = sign_in(&store, &john, 4, 5).await;
    let sessions = store.sessions();
    assert_eq!(sessions.end_others(mary.id, keeping).await.unwrap(), 2);
    assert_eq!(sessions.end_others(mary.id, keeping).await.unwrap(), 0);
    for (byte, lives) in [(1, true), (2, false), (3, false), (4, true)] {
        assert_eq!(is_signed_in(&store, byte).await, lives, "{byte}");
    }
    // One that is none of theirs keeps nothing.
    assert_eq!(sessions.end_others(mary.id, of_john).await.unwrap(), 1);
    assert!(is_signed_in(&store, 4).await);
}

async fn purging_removes_what_is_too_old_or_unused_and_counts(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    for (byte, created_at, used_at) in [(1, 10, 900), (2, 100, 100), (3, 100, 500), (4, 99, 500)] {
        let id = sign_in(&store, &mary, byte, created_at).await;
        store
            .sessions()
            .touch(id, mary.id, at(used_at))
            .await
            .unwrap();
    }
    let purged = store.sessions().purge(at(100), at(500)).await.unwrap();
    assert_eq!(purged, 3);
    for (byte, is_there) in [(1, false), (2, false), (3, true), (4, false)] {
        assert_eq!(is_signed_in(&store, byte).await, is_there, "{byte}");
    }
}

async fn no_token_is_stored(place: Place) {
    use migrations::sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    sign_in(&store, &mary, 0xab, 5).await;
    let db = place.connection().await;
    let sql = "SELECT token_digest FROM sessions";
    let backend = db.get_database_backend();
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await;
    let digest: Vec<u8> = row.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(digest.len(), 32);
    assert_ne!(digest, [0xab; 32]);
}

on_both! {
    a_session_is_found_by_its_token_with_its_user,
    beginning_ends_the_session_that_was_held_whosever_it_was,
    a_session_that_cannot_begin_ends_none,
    none_begins_once_the_hash_that_proved_it_is_replaced,
    none_begins_once_its_user_is_disabled,
    no_session_outlives_a_new_password_however_many_begin,
    use_is_written_down_and_never_goes_back,
    a_session_that_has_ended_stays_ended,
    the_sessions_of_one_user_are_listed_the_newest_first,
    one_session_is_ended_by_its_user_only,
    all_others_end_and_nobody_elses,
    purging_removes_what_is_too_old_or_unused_and_counts,
    no_token_is_stored,
}
