//! What users change of themselves, by `UserRepository`.

use domain::users::{DisplayName, SearchTerm, User};
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

fn display(raw: &str) -> DisplayName {
    DisplayName::parse(raw).unwrap()
}

/// As whom `viewer` finds others by this word.
async fn found(store: &Store, viewer: &User, word: &str) -> Vec<String> {
    let (users, term) = (store.users(), SearchTerm::parse(word));
    let page = users.list_others(viewer.id, term, None, limit(9)).await;
    let names = page.unwrap().items.into_iter();
    names.map(|user| user.display_name.to_string()).collect()
}

async fn a_renamed_user_is_found_and_listed_by_the_new_name(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    add(&store, "nora").await;
    sign_in(&store, &mary, 1, 5).await;
    send(&store, &message(&mary, &john, "hello")).await;
    let users = store.users();
    users.rename(mary.id, &display("Zoë Brown")).await.unwrap();

    for word in ["zoë", "brow", "mary"] {
        assert_eq!(found(&store, &john, word).await, ["Zoë Brown"], "{word}");
    }
    assert_eq!(found(&store, &john, "").await, ["nora", "Zoë Brown"]);
    assert_eq!(
        inbox(&store, &john).await[0].with.display_name,
        display("Zoë Brown")
    );
    let (_, viewer) = store.sessions().find(&token(1)).await.unwrap().unwrap();
    assert_eq!(
        (viewer.id, viewer.display_name),
        (mary.id, display("Zoë Brown"))
    );

    users.rename(mary.id, &display(ODD_NAME)).await.unwrap();
    assert_eq!(found(&store, &john, "zoë").await, [""; 0]);
    assert_eq!(found(&store, &john, "mary").await, [ODD_NAME]);
    assert_eq!(found(&store, &mary, "").await, ["john", "nora"]);
}

async fn of_many_names_at_once_one_stays_and_is_found(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let (users, name) = (store.users(), display(&format!("Name{n}x")));
            tokio::spawn(async move { users.rename(mary.id, &name).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(found(&store, &john, "name").await.len(), 1);
    let now = store.users().find_by_username(&name("mary")).await.unwrap();
    let now = now.unwrap().display_name.to_string();
    assert_eq!(found(&store, &john, &now).await, [now]);
}

async fn who_is_disabled_changes_nothing_of_themselves(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let keeping = sign_in(&store, &john, 1, 5).await;
    disable(&store, "mary").await;
    let users = store.users();
    users.rename(mary.id, &display("Zoë")).await.unwrap();
    users.set_receipts_off(mary.id, Some(at(5))).await.unwrap();
    let (first, second) = (hash("$first"), hash("$second"));
    let changed = users.change_password(mary.id, &first, &second, keeping, at(6));
    assert!(!changed.await.unwrap());
    assert_eq!(found(&store, &john, "zoë").await, [""; 0]);

    enable(&store, "mary").await;
    let now = users
        .find_credentials(&name("mary"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((now.user, now.password_hash), (mary, first));
    assert_eq!(found(&store, &john, "ma").await, ["mary"]);
}

async fn whether_one_shows_what_one_reads_is_kept_and_seen_wherever_one_is(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    send(&store, &message(&mary, &john, "hello")).await;
    sign_in(&store, &mary, 1, 5).await;
    let users = store.users();
    for (since, on) in [(Some(at(5)), false), (Some(at(6)), false), (None, true)] {
        users.set_receipts_off(mary.id, since).await.unwrap();
        let by_name = users.find_by_username(&name("mary")).await.unwrap();
        let (_, by_token) = store.sessions().find(&token(1)).await.unwrap().unwrap();
        let listed = users.list_others(john.id, None, None, limit(9)).await;
        let seen = [
            by_name.unwrap(),
            by_token,
            listed.unwrap().items.remove(0),
            inbox(&store, &john).await.remove(0).with,
            with(&store, &john, &mary).await.with,
        ];
        assert_eq!(seen.map(|user| user.read_receipts), [on; 5]);
        let other = with(&store, &mary, &john).await.with;
        assert!(other.read_receipts);
    }
}

async fn a_new_password_takes_the_place_of_the_old_one_and_ends_all_other_sessions(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let keeping = sign_in(&store, &mary, 1, 5).await;
    sign_in(&store, &mary, 2, 5).await;
    sign_in(&store, &john, 3, 5).await;
    let (users, sessions) = (store.users(), store.sessions());
    let change = async |old, new, now| {
        let (old, new) = (hash(old), hash(new));
        let changed = users.change_password(mary.id, &old, &new, keeping, at(now));
        changed.await.unwrap()
    };
    let stored = async || {
        let found = users.find_credentials(&name("mary")).await.unwrap();
        found.unwrap().password_hash
    };
    // Somebody has changed it meanwhile.
    assert!(!change("$other", "$second", 6).await);
    assert_eq!(stored().await, hash("$first"));
    assert!(is_signed_in(&store, 2).await);
    assert_eq!(sessions.list_ended(at(0)).await.unwrap(), []);

    assert!(change("$first", "$second", 7).await);
    assert_eq!(stored().await, hash("$second"));
    for (byte, lives) in [(1, true), (2, false), (3, true)] {
        assert_eq!(is_signed_in(&store, byte).await, lives, "{byte}");
    }
    let ended = sessions.list_ended(at(0)).await.unwrap();
    assert_eq!(ended, [(mary.id, at(7))]);
    let of_john = users.find_credentials(&name("john")).await.unwrap();
    assert_eq!(of_john.unwrap().password_hash, hash("$first"));
}

async fn no_other_session_outlives_a_changed_password_however_many_begin(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let keeping = sign_in(&store, &mary, 100, 5).await;
    let begin = |byte| {
        let (sessions, session) = (store.sessions(), session(&mary, byte, 5));
        tokio::spawn(async move { sessions.begin(&session, None).await.unwrap() })
    };
    let before: Vec<_> = (0..30).map(begin).collect();
    let users = store.users();
    let changing = tokio::spawn(async move {
        let (first, second) = (hash("$first"), hash("$second"));
        let changed = users.change_password(mary.id, &first, &second, keeping, at(6));
        assert!(changed.await.unwrap());
    });
    let after: Vec<_> = (30..60).map(begin).collect();
    for task in before.into_iter().chain(after) {
        task.await.unwrap();
    }
    changing.await.unwrap();
    for byte in 0..60 {
        assert!(!is_signed_in(&store, byte).await, "{byte}");
    }
    assert!(is_signed_in(&store, 100).await);
}

on_both! {
    a_renamed_user_is_found_and_listed_by_the_new_name,
    of_many_names_at_once_one_stays_and_is_found,
    who_is_disabled_changes_nothing_of_themselves,
    whether_one_shows_what_one_reads_is_kept_and_seen_wherever_one_is,
    a_new_password_takes_the_place_of_the_old_one_and_ends_all_other_sessions,
    no_other_session_outlives_a_changed_password_however_many_begin,
}
