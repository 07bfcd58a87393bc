//! `MessageRepository::list_since`.

use domain::messages::Message;
use domain::users::User;
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

async fn since(store: &Store, user: &User, millis: i64, limit: u32) -> Vec<(User, Message)> {
    let messages = store.messages();
    let found = messages.list_since(user.id, at(millis), limit).await;
    found.unwrap()
}

/// With the other member, in the order in which they are listed.
async fn in_order(
    store: &Store,
    viewer: &User,
    missed: Vec<(&User, Message)>,
) -> Vec<(User, Message)> {
    let mut keyed = Vec::new();
    for (peer, message) in missed {
        let id = with(store, viewer, peer).await.id.unwrap().0;
        keyed.push(((id, message.seq), (peer.clone(), message)));
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, one)| one).collect()
}

async fn what_was_missed_is_all_of_ones_own_conversations_and_nothing_older(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let (zoe, old) = (add(&store, "zoe").await, add(&store, "old").await);
    send_at(&store, &old, &mary, 99).await;
    send_at(&store, &zoe, &mary, 98).await;
    // Stored in one order and listed in another.
    let first = send_at(&store, &zoe, &mary, 100).await;
    let second = send_at(&store, &john, &mary, 101).await;
    send_at(&store, &john, &zoe, 102).await;
    let own = send_at(&store, &mary, &zoe, 103).await;
    let last = send_at(&store, &john, &mary, 104).await;
    let missed = vec![(&zoe, first), (&john, second), (&zoe, own), (&john, last)];
    let expected = in_order(&store, &mary, missed).await;
    assert_eq!(since(&store, &mary, 100, 50).await, expected);
    assert_eq!(since(&store, &mary, 105, 50).await, []);
    assert_eq!(since(&store, &old, 100, 50).await, []);
}

async fn what_a_clock_set_back_has_dated_earlier_hides_nothing_after_it(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let first = send_at(&store, &john, &mary, 200).await;
    send_at(&store, &mary, &john, 50).await;
    let third = send_at(&store, &john, &mary, 150).await;
    let expected = [(john.clone(), first), (john.clone(), third)];
    assert_eq!(since(&store, &mary, 100, 50).await, expected);
}

async fn nothing_with_a_disabled_user_is_listed(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let sent = send_at(&store, &john, &mary, 100).await;
    disable(&store, "john").await;
    assert_eq!(since(&store, &mary, 0, 50).await, []);
    enable(&store, "john").await;
    assert_eq!(since(&store, &mary, 0, 50).await, [(john, sent)]);
}

async fn no_more_than_the_limit_is_listed_and_of_one_conversation_the_last(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let zoe = add(&store, "zoe").await;
    let mut sent = Vec::new();
    for n in 100..105 {
        sent.push((john.clone(), send_at(&store, &john, &mary, n).await));
    }
    assert_eq!(since(&store, &mary, 0, 5).await, sent);
    assert_eq!(since(&store, &mary, 0, 2).await, sent[3..]);
    send_at(&store, &mary, &zoe, 105).await;
    for (limit, count) in [(1, 1), (5, 5), (6, 6), (7, 6)] {
        assert_eq!(since(&store, &mary, 0, limit).await.len(), count);
    }
}

on_both! {
    what_was_missed_is_all_of_ones_own_conversations_and_nothing_older,
    what_a_clock_set_back_has_dated_earlier_hides_nothing_after_it,
    nothing_with_a_disabled_user_is_listed,
    no_more_than_the_limit_is_listed_and_of_one_conversation_the_last,
}
