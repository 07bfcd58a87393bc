//! `ConversationRepository::list_of` and `find_with`.

use domain::conversations::{Conversation, InboxCursor};
use domain::users::User;
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

fn names(inbox: &[Conversation]) -> Vec<&str> {
    inbox.iter().map(|one| one.with.username.as_str()).collect()
}

/// Adds these people and has each write to `viewer` at that time.
async fn written_by(store: &Store, viewer: &User, times: &[(&str, i64)]) {
    for (username, millis) in times {
        let peer = add(store, username).await;
        send_at(store, &peer, viewer, *millis).await;
    }
}

async fn the_latest_active_comes_first_with_its_last_message(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    written_by(&store, &mary, &[("a", 10), ("b", 30), ("c", 20)]).await;
    let a = inbox(&store, &mary).await.pop().unwrap().with;
    assert_eq!(names(&inbox(&store, &mary).await), ["b", "c", "a"]);
    let answer = send_at(&store, &mary, &a, 40).await;
    let listed = inbox(&store, &mary).await;
    assert_eq!(names(&listed), ["a", "b", "c"]);
    assert_eq!(listed[0].last_message, Some(answer));
    assert_eq!(
        (listed[0].last_seq, listed[0].mine.read()),
        (seq(2), seq(2))
    );
    assert_eq!((listed[1].unread(), listed[1].peers.read()), (1, seq(1)));
    assert_eq!(listed[0], with(&store, &mary, &a).await);
    // The other one has this conversation alone.
    let of_a = inbox(&store, &a).await;
    assert_eq!((names(&of_a), of_a[0].unread()), (vec!["mary"], 1));
}

async fn an_inbox_is_walked_once_through_times_that_are_shared(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let times = [50, 50, 50, 40, 40, 60, 50, 30, 40];
    let people: Vec<_> = (0..times.len()).map(|n| format!("peer{n}")).collect();
    let times: Vec<_> = people.iter().map(String::as_str).zip(times).collect();
    written_by(&store, &mary, &times).await;
    let mut expected = inbox(&store, &mary).await;
    let sent_at = |one: &Conversation| one.last_message.as_ref().unwrap().sent_at;
    expected.sort_by_key(|one| (std::cmp::Reverse(sent_at(one)), one.id));
    assert_eq!(expected.len(), times.len());
    for size in [1, 2, 4, 9, 10] {
        let (mut walked, mut before) = (Vec::new(), None::<InboxCursor>);
        loop {
            let page = store
                .conversations()
                .list_of(mary.id, before, limit(size))
                .await;
            let page = page.unwrap();
            assert!(page.items.len() <= size as usize);
            walked.extend(page.items);
            assert!(walked.len() <= expected.len(), "it goes round by {size}");
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(walked, expected, "{size}");
    }
}

async fn a_clock_that_jumps_back_moves_no_conversation_back(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    written_by(&store, &mary, &[("a", 100), ("b", 50)]).await;
    let a = inbox(&store, &mary).await.remove(0).with;
    let late = send_at(&store, &a, &mary, 10).await;
    assert_eq!((late.seq, late.sent_at), (seq(2), at(10)));
    let listed = inbox(&store, &mary).await;
    assert_eq!(names(&listed), ["a", "b"]);
    assert_eq!(listed[0].last_message, Some(late));
}

async fn conversations_with_disabled_users_are_left_out_of_full_pages(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    written_by(&store, &mary, &[("a", 10), ("b", 20), ("c", 30), ("d", 40)]).await;
    disable(&store, "c").await;
    let page = store
        .conversations()
        .list_of(mary.id, None, limit(2))
        .await
        .unwrap();
    assert_eq!(names(&page.items), ["d", "b"]);
    let page = store
        .conversations()
        .list_of(mary.id, page.next, limit(2))
        .await
        .unwrap();
    assert_eq!((names(&page.items), page.next), (vec!["a"], None));
}

async fn texts_come_back_as_they_were_written(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    let new = person("o.dd", ODD_NAME);
    store.users().add(&new).await.unwrap();
    let found = store.users().find_by_username(&new.username).await;
    let odd = found.unwrap().unwrap();
    assert_eq!(odd.display_name.as_str(), ODD_NAME);
    let sent = send(&store, &message(&odd, &mary, ODD_TEXT)).await;
    assert_eq!(sent.body.as_str(), ODD_TEXT);
    let entry = inbox(&store, &mary).await.remove(0);
    assert_eq!(
        (&entry.with, &entry.last_message),
        (&odd, &Some(sent.clone()))
    );
    assert_eq!(entry, with(&store, &mary, &odd).await);
    assert_eq!(newest(&store, &mary, &odd).await, [sent]);
}

async fn looking_makes_no_conversation(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let empty = with(&store, &mary, &john).await;
    assert_eq!(empty, Conversation::empty(john.clone()));
    assert_eq!(inbox(&store, &mary).await, []);
    assert_eq!(inbox(&store, &john).await, []);
    let conversations = store.conversations();
    for nobody in ["mary", "MARY", "nobody"] {
        let found = conversations.find_with(mary.id, &name(nobody)).await;
        assert_eq!(found.unwrap(), None, "{nobody}");
    }
}

async fn nobody_sees_what_others_write_to_each_other(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let eve = add(&store, "eve").await;
    send(&store, &message(&mary, &john, "a secret")).await;
    assert_eq!(inbox(&store, &eve).await, []);
    for peer in [&mary, &john] {
        let seen = with(&store, &eve, peer).await;
        assert_eq!((seen.id, seen.last_message), (None, None));
        assert_eq!(newest(&store, &eve, peer).await, []);
    }
}

on_both! {
    the_latest_active_comes_first_with_its_last_message,
    an_inbox_is_walked_once_through_times_that_are_shared,
    a_clock_that_jumps_back_moves_no_conversation_back,
    conversations_with_disabled_users_are_left_out_of_full_pages,
    texts_come_back_as_they_were_written,
    looking_makes_no_conversation,
    nobody_sees_what_others_write_to_each_other,
}
