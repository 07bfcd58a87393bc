//! `UserRepository::list_others`: who else is there, and who of them matches.

use std::slice;

use domain::users::{DirectoryCursor, SearchTerm, User, UserId, fold, search_keys};
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

/// Names that share words, are equal when folded, sort by code point, or have many words.
const NAMES: [(&str, &str); 12] = [
    ("mary", "Mary Brown"),
    ("mary2", "MARY  brown"),
    ("marc.marx", "Marc Marx-Mars"),
    ("brown", "Zed"),
    ("bob", "Bob"),
    ("angstrom", "Ångström Marie"),
    ("a.b-c", "a a a a a a a a"),
    ("last", "\u{10ffff}\u{10ffff}"),
    ("lasting", "\u{10ffff}m"),
    ("zz", "ß Mars"),
    ("upper", "ZZ Top"),
    ("space", "a b"),
];

async fn fill(store: &Store) -> Vec<User> {
    let mut all = Vec::new();
    for (username, display_name) in NAMES {
        let new = person(username, display_name);
        store.users().add(&new).await.unwrap();
        let found = store.users().find_by_username(&new.username).await;
        all.push(found.unwrap().unwrap());
    }
    all
}

/// The first page of a list, the whole of it here.
async fn others(store: &Store, viewer: UserId, typed: &str) -> Vec<User> {
    let term = SearchTerm::parse(typed);
    let users = store.users();
    let page = users.list_others(viewer, term, None, limit(100));
    page.await.unwrap().items
}

/// Walks to the end by pages of this size.
async fn walk(store: &Store, viewer: UserId, typed: &str, size: u32) -> Vec<UserId> {
    let users = store.users();
    let (mut found, mut after) = (Vec::new(), None::<DirectoryCursor>);
    loop {
        let term = SearchTerm::parse(typed);
        let page = users.list_others(viewer, term, after, limit(size)).await;
        let page = page.unwrap();
        assert!(page.items.len() <= size as usize);
        found.extend(page.items.iter().map(|user| user.id));
        let last = page.next.as_ref().map(|next| next.id);
        assert!(last.is_none() || last == found.last().copied());
        assert!(found.len() <= NAMES.len(), "it goes round by {size}");
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

async fn a_walk_visits_everybody_else_once_by_folded_name(place: Place) {
    let store = place.store().await;
    let mut all = fill(&store).await;
    let viewer = all[4].id;
    all.retain(|user| user.id != viewer);
    all.sort_by_key(|user| (fold(user.display_name.as_str()), user.id));
    let expected: Vec<_> = all.iter().map(|user| user.id).collect();
    for size in [1, 2, 5, 11, 100] {
        assert_eq!(walk(&store, viewer, "", size).await, expected, "{size}");
    }
}

async fn a_search_visits_each_match_once_by_its_first_matching_key(place: Place) {
    let store = place.store().await;
    let all = fill(&store).await;
    let viewer = all[4].id;
    for typed in [
        "m",
        "mar",
        "mary",
        "mary b",
        "b",
        "bob",
        "brown",
        "a",
        "a a",
        "å",
        "z",
        "ß",
        "nobody",
        "\u{10ffff}",
        "\u{10ffff}\u{10ffff}",
        "%",
        "_",
        "mary brown and more",
    ] {
        let term = SearchTerm::parse(typed).unwrap();
        let first_match = |user: &User| {
            let keys = search_keys(&user.username, &user.display_name);
            keys.into_iter().find(|key| key.starts_with(term.as_str()))
        };
        let mut matches: Vec<_> = all
            .iter()
            .filter(|user| user.id != viewer)
            .filter_map(|user| first_match(user).map(|key| (key, user.id)))
            .collect();
        matches.sort();
        let expected: Vec<_> = matches.into_iter().map(|(_, id)| id).collect();
        for size in [1, 2, 3, 100] {
            let found = walk(&store, viewer, typed, size).await;
            assert_eq!(found, expected, "{typed:?} by {size}");
        }
    }
}

async fn an_entry_is_the_user_as_they_are_found_by_name(place: Place) {
    let store = place.store().await;
    let viewer = add(&store, "viewer").await;
    let new = person("O.dd", ODD_NAME);
    store.users().add(&new).await.unwrap();
    let find = async || {
        let found = store.users().find_by_username(&new.username).await;
        found.unwrap().unwrap()
    };
    let never_seen = find().await;
    assert_eq!(never_seen.last_seen_at, None);
    assert_eq!(never_seen.display_name.as_str(), ODD_NAME);
    for typed in ["", "o.d", ODD_NAME] {
        assert_eq!(
            others(&store, viewer.id, typed).await,
            slice::from_ref(&never_seen)
        );
    }
    sign_in(&store, &never_seen, 1, 7).await;
    let seen = find().await;
    assert_eq!(seen.last_seen_at, Some(at(7)));
    for typed in ["", "o.d", ODD_NAME] {
        assert_eq!(
            others(&store, viewer.id, typed).await,
            slice::from_ref(&seen)
        );
    }
    assert_eq!(others(&store, viewer.id, "nobody").await, []);
}

async fn a_walk_goes_on_where_someone_was_who_has_gone(place: Place) {
    let store = place.store().await;
    let mut all = fill(&store).await;
    all.sort_by_key(|user| (fold(user.display_name.as_str()), user.id));
    let nobody = UserId(new_id());
    let page = store
        .users()
        .list_others(nobody, None, None, limit(3))
        .await;
    let page = page.unwrap();
    disable(&store, page.items[2].username.as_str()).await;
    let users = store.users();
    let rest = users.list_others(nobody, None, page.next, limit(100)).await;
    assert_eq!(rest.unwrap().items, all[3..]);
}

async fn a_forged_cursor_is_a_place_like_any_other(place: Place) {
    let store = place.store().await;
    let all = fill(&store).await;
    for key in ["", "\0", "m\0n", "zzzz", "\u{10ffff}", "a' OR 1=1 --"] {
        for typed in ["", "mar"] {
            let after = DirectoryCursor {
                key: key.to_owned(),
                id: all[0].id,
            };
            let term = SearchTerm::parse(typed);
            let listed = store
                .users()
                .list_others(all[0].id, term, Some(after), limit(5))
                .await;
            let listed = listed.unwrap();
            assert!(listed.items.iter().all(|user| user.id != all[0].id));
            if typed == "mar" {
                let matches = |user: &User| {
                    search_keys(&user.username, &user.display_name)
                        .iter()
                        .any(|key| key.starts_with("mar"))
                };
                assert!(listed.items.iter().all(matches), "{key:?}");
            }
        }
    }
}

on_both! {
    a_walk_visits_everybody_else_once_by_folded_name,
    a_search_visits_each_match_once_by_its_first_matching_key,
    an_entry_is_the_user_as_they_are_found_by_name,
    a_walk_goes_on_where_someone_was_who_has_gone,
    a_forged_cursor_is_a_place_like_any_other,
}
