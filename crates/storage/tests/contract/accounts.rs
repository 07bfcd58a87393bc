//! `UserRepository`, but for the directory.

use domain::conversations::Position;
use domain::users::{Added, NewUser, User};

use crate::people::*;
use crate::place::{Place, on_both};

async fn a_user_is_found_by_name_in_whatever_case(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "Mary.Brown").await;
    let found = store.users().find_by_username(&name("mARY.bROWN")).await;
    let found = found.unwrap().unwrap();
    assert_eq!(found, mary);
    assert_eq!(found.username.as_str(), "Mary.Brown");
    let nobody = store.users().find_by_username(&name("mary")).await;
    assert_eq!(nobody.unwrap(), None);
}

async fn a_name_is_taken_in_whatever_case_and_nothing_changes(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let other = person("MARY", "Somebody Else");
    let added = store.users().add(&other).await.unwrap();
    assert_eq!(added, Added::UsernameTaken);
    let found = store.users().find_by_username(&name("mary")).await;
    assert_eq!(found.unwrap(), Some(mary));
    let accounts = store.users().list_accounts(None, limit(10)).await.unwrap();
    assert_eq!(accounts.items.len(), 1);
}

async fn of_many_who_want_one_name_one_gets_it(place: Place) {
    let store = place.store().await;
    let tasks = (0..16).map(|n| {
        let users = store.users();
        let case = if n % 2 == 0 { "mary" } else { "MARY" };
        let new = person(case, "Mary");
        tokio::spawn(async move { users.add(&new).await.unwrap() })
    });
    let mut new = 0;
    for task in tasks.collect::<Vec<_>>() {
        new += usize::from(task.await.unwrap() == Added::New);
    }
    assert_eq!(new, 1);
}

async fn credentials_come_with_the_user(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let found = store.users().find_credentials(&name("Mary")).await;
    let found = found.unwrap().unwrap();
    assert_eq!((found.user, found.password_hash), (mary, hash("$first")));
    let nobody = store.users().find_credentials(&name("marie")).await;
    assert!(nobody.unwrap().is_none());
}

async fn whatever_a_name_may_be_is_kept_as_written(place: Place) {
    let store = place.store().await;
    let long = "a".repeat(150);
    for (username, display_name) in [
        ("o-hara+x@example.com", "O'Hara \"%_\\ 𝕏 مرحبا \u{200f}x"),
        (long.as_str(), "ẞ İ \u{10ffff}"),
    ] {
        let new = person(username, display_name);
        assert_eq!(store.users().add(&new).await.unwrap(), Added::New);
        let found = store.users().find_by_username(&new.username).await;
        let found = found.unwrap().unwrap();
        assert_eq!(found.username.as_str(), username);
        assert_eq!(found.display_name.as_str(), display_name);
    }
}

async fn a_disabled_user_is_as_good_as_not_there(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    send(&store, &message(&mary, &john, "hello")).await;
    sign_in(&store, &mary, 1, 5).await;
    disable(&store, "MARY").await;

    let mary = name("mary");
    let users = store.users();
    assert_eq!(users.find_by_username(&mary).await.unwrap(), None);
    assert!(users.find_credentials(&mary).await.unwrap().is_none());
    let others = users.list_others(john.id, None, None, limit(9)).await;
    assert_eq!(others.unwrap().items, []);
    let term = domain::users::SearchTerm::parse("m");
    let matching = users.list_others(john.id, term, None, limit(9)).await;
    assert_eq!(matching.unwrap().items, []);
    assert!(!is_signed_in(&store, 1).await);
    let conversations = store.conversations();
    assert_eq!(conversations.find_with(john.id, &mary).await.unwrap(), None);
    let marked = conversations
        .mark(john.id, &mary, Position::Read, seq(1))
        .await;
    assert_eq!(marked.unwrap(), None);
    let inbox = conversations.list_of(john.id, None, limit(9)).await;
    assert_eq!(inbox.unwrap().items, []);
    let range = domain::messages::HistoryRange::Newest;
    let history = store
        .messages()
        .list_with(john.id, &mary, range, domain::HistoryLimit::default())
        .await;
    assert_eq!(history.unwrap(), None);
}

async fn an_enabled_user_is_back_as_they_were_but_signed_out(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    send(&store, &message(&mary, &john, "hello")).await;
    sign_in(&store, &mary, 1, 5).await;
    disable(&store, "mary").await;
    enable(&store, "mary").await;

    assert!(!is_signed_in(&store, 1).await);
    let users = store.users();
    let credentials = users.find_credentials(&name("mary")).await.unwrap();
    assert_eq!(credentials.unwrap().password_hash, hash("$first"));
    let term = domain::users::SearchTerm::parse("ma");
    let matching = users.list_others(john.id, term, None, limit(9)).await;
    assert_eq!(matching.unwrap().items.len(), 1);
    assert_eq!(inbox(&store, &john).await.len(), 1);
    assert!(
        !users
            .set_enabled(&name("nobody"), true, at(1))
            .await
            .unwrap()
    );
    assert!(
        !users
            .set_enabled(&name("nobody"), false, at(1))
            .await
            .unwrap()
    );
}

async fn a_user_may_be_stored_disabled(place: Place) {
    let store = place.store().await;
    let john = add(&store, "john").await;
    let mary = NewUser {
        enabled: false,
        ..person("mary", "Mary Ann")
    };
    store.users().add(&mary).await.unwrap();
    let users = store.users();
    assert_eq!(users.find_by_username(&mary.username).await.unwrap(), None);
    enable(&store, "mary").await;
    let term = domain::users::SearchTerm::parse("ann");
    let matching = users.list_others(john.id, term, None, limit(9)).await;
    assert_eq!(matching.unwrap().items[0].id, mary.id);
}

async fn accounts_are_listed_by_name_with_disabled_ones(place: Place) {
    let store = place.store().await;
    for username in ["delta", "Bravo", "alpha", "_x", "Charlie"] {
        add(&store, username).await;
    }
    disable(&store, "bravo").await;
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = store.users().list_accounts(after, limit(2)).await.unwrap();
        assert!(page.items.len() <= 2);
        for account in page.items {
            let disabled = account.username == name("bravo");
            assert_eq!(account.disabled_at, disabled.then(|| at(9)));
            assert_eq!((account.created_at, account.last_seen_at), (at(1), None));
            names.push(account.username.as_str().to_owned());
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, ["_x", "alpha", "Bravo", "Charlie", "delta"]);
}

async fn an_account_is_found_by_name_disabled_or_not(place: Place) {
    let store = place.store().await;
    add(&store, "Mary").await;
    let users = store.users();
    let account = users.find_account(&name("MARY")).await.unwrap().unwrap();
    assert_eq!(account.username.as_str(), "Mary");
    assert_eq!((account.created_at, account.disabled_at), (at(1), None));
    disable(&store, "mary").await;
    let account = users.find_account(&name("mary")).await.unwrap();
    assert_eq!(account.unwrap().disabled_at, Some(at(9)));
    assert_eq!(users.find_account(&name("mar")).await.unwrap(), None);
}

async fn a_new_password_ends_all_sessions_of_its_user_only(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    sign_in(&store, &mary, 1, 5).await;
    sign_in(&store, &mary, 2, 5).await;
    sign_in(&store, &john, 3, 5).await;
    let users = store.users();
    assert!(
        users
            .set_password(&name("MARY"), &hash("$new"), at(9))
            .await
            .unwrap()
    );
    assert!(!is_signed_in(&store, 1).await);
    assert!(!is_signed_in(&store, 2).await);
    assert!(is_signed_in(&store, 3).await);
    let found = users.find_credentials(&name("mary")).await.unwrap();
    assert_eq!(found.unwrap().password_hash, hash("$new"));
    assert!(
        !users
            .set_password(&name("nobody"), &hash("$"), at(9))
            .await
            .unwrap()
    );
}

async fn a_disabled_user_can_be_given_a_password(place: Place) {
    let store = place.store().await;
    add(&store, "mary").await;
    disable(&store, "mary").await;
    let users = store.users();
    assert!(
        users
            .set_password(&name("mary"), &hash("$new"), at(9))
            .await
            .unwrap()
    );
    enable(&store, "mary").await;
    let found = users.find_credentials(&name("mary")).await.unwrap();
    assert_eq!(found.unwrap().password_hash, hash("$new"));
}

async fn who_comes_is_news_once_and_who_stays_is_written_down_once_a_minute(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let users = store.users();
    let present_at = async || {
        let found = users.find_by_username(&name("mary")).await.unwrap();
        found.unwrap().present_at
    };
    assert_eq!(present_at().await, None);
    for (now, is_news, written) in [
        (1_000, true, 1_000),
        (60_999, false, 1_000),
        (61_000, false, 61_000),
        // By a clock that was set back.
        (2_000, false, 61_000),
        (181_000, true, 181_000),
    ] {
        let marked = users.mark_present(mary.id, at(now)).await.unwrap();
        assert_eq!(marked, is_news, "{now}");
        assert_eq!(present_at().await, Some(at(written)), "{now}");
    }
}

async fn of_many_who_come_at_once_one_is_news(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let come = |_| {
        let users = store.users();
        tokio::spawn(async move { users.mark_present(mary.id, at(1_000)).await.unwrap() })
    };
    let tasks: Vec<_> = (0..16).map(come).collect();
    let mut news = 0;
    for task in tasks {
        news += usize::from(task.await.unwrap());
    }
    assert_eq!(news, 1);
}

async fn who_leaves_was_here_until_then(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let users = store.users();
    assert_eq!(users.mark_absent(mary.id, at(5)).await.unwrap(), None);
    users.mark_present(mary.id, at(1_000)).await.unwrap();
    let absent = users.mark_absent(mary.id, at(2_000)).await.unwrap();
    let expected = User {
        last_seen_at: Some(at(2_000)),
        ..mary.clone()
    };
    assert_eq!(absent, Some(expected.clone()));
    let found = users.find_by_username(&name("mary")).await.unwrap();
    assert_eq!(found, Some(expected));
    assert_eq!(users.mark_absent(mary.id, at(3_000)).await.unwrap(), None);
    // Coming back is news.
    assert!(users.mark_present(mary.id, at(3_000)).await.unwrap());
    disable(&store, "mary").await;
    assert_eq!(users.mark_absent(mary.id, at(4_000)).await.unwrap(), None);
    assert!(!users.mark_present(mary.id, at(500_000)).await.unwrap());
}

async fn whose_sessions_were_all_ended_is_found_by_when(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let (users, sessions) = (store.users(), store.sessions());
    sign_in(&store, &mary, 1, 5).await;
    sessions.end(&token(1)).await.unwrap();
    assert_eq!(sessions.list_ended(at(0)).await.unwrap(), []);
    let changed = users
        .set_password(&name("mary"), &hash("$new"), at(20))
        .await;
    assert!(changed.unwrap());
    disable(&store, "john").await;
    let mut ended = sessions.list_ended(at(0)).await.unwrap();
    ended.sort();
    let mut expected = [(mary.id, at(20)), (john.id, at(9))];
    expected.sort();
    assert_eq!(ended, expected);
    let ended = sessions.list_ended(at(20)).await.unwrap();
    assert_eq!(ended, [(mary.id, at(20))]);
    assert_eq!(sessions.list_ended(at(21)).await.unwrap(), []);
}

async fn a_hash_is_upgraded_only_while_it_is_the_old_one(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    sign_in(&store, &mary, 1, 5).await;
    let users = store.users();
    let stored = async || {
        let found = users.find_credentials(&name("mary")).await.unwrap();
        found.unwrap().password_hash
    };
    let (first, better) = (hash("$first"), hash("$better"));
    users
        .upgrade_password_hash(mary.id, &hash("$other"), &better)
        .await
        .unwrap();
    assert_eq!(stored().await, first);
    users
        .upgrade_password_hash(mary.id, &first, &better)
        .await
        .unwrap();
    assert_eq!(stored().await, better);
    assert!(is_signed_in(&store, 1).await);
}

on_both! {
    a_user_is_found_by_name_in_whatever_case,
    a_name_is_taken_in_whatever_case_and_nothing_changes,
    of_many_who_want_one_name_one_gets_it,
    credentials_come_with_the_user,
    whatever_a_name_may_be_is_kept_as_written,
    a_disabled_user_is_as_good_as_not_there,
    an_enabled_user_is_back_as_they_were_but_signed_out,
    a_user_may_be_stored_disabled,
    accounts_are_listed_by_name_with_disabled_ones,
    an_account_is_found_by_name_disabled_or_not,
    a_new_password_ends_all_sessions_of_its_user_only,
    a_disabled_user_can_be_given_a_password,
    a_hash_is_upgraded_only_while_it_is_the_old_one,
    who_comes_is_news_once_and_who_stays_is_written_down_once_a_minute,
    of_many_who_come_at_once_one_is_news,
    who_leaves_was_here_until_then,
    whose_sessions_were_all_ended_is_found_by_when,
}
