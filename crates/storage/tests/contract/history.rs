//! `MessageRepository::list_with`.

use domain::HistoryLimit;
use domain::conversations::Conversation;
use domain::messages::{History, HistoryRange};
use domain::users::User;
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

async fn ten_messages(store: &Store) -> (User, User) {
    let (mary, john) = (add(store, "mary").await, add(store, "john").await);
    for n in 1..=10 {
        let (from, to) = if n % 3 == 0 {
            (&mary, &john)
        } else {
            (&john, &mary)
        };
        send(store, &message(from, to, &format!("number {n}"))).await;
    }
    (mary, john)
}

fn numbers(history: &History) -> Vec<i64> {
    history.messages.iter().map(|one| one.seq.get()).collect()
}

async fn a_piece_has_the_messages_next_to_its_place(place: Place) {
    let store = place.store().await;
    let (mary, john) = ten_messages(&store).await;
    let newest = HistoryRange::Newest;
    let before = |n| HistoryRange::Before(seq(n));
    let after = |n| HistoryRange::After(seq(n));
    let all: Vec<i64> = (1..=10).collect();
    for (range, limit, expected) in [
        (newest, 3, &all[7..]),
        (newest, 10, &all[..]),
        (newest, 200, &all[..]),
        (before(6), 3, &all[2..5]),
        (before(3), 3, &all[..2]),
        (before(2), 3, &all[..1]),
        (before(1), 3, &[]),
        (before(0), 3, &[]),
        (before(11), 3, &all[7..]),
        (before(99), 3, &all[7..]),
        (before(i64::MAX), 3, &all[7..]),
        (after(0), 3, &all[..3]),
        (after(6), 3, &all[6..9]),
        (after(8), 3, &all[8..]),
        (after(10), 3, &[]),
        (after(99), 3, &[]),
        (after(i64::MAX), 3, &[]),
    ] {
        for (viewer, peer) in [(&mary, &john), (&john, &mary)] {
            let piece = history(&store, viewer, peer, range, limit).await;
            assert_eq!(numbers(&piece), expected, "{range:?} {limit}");
            assert_eq!(piece.range, range);
            let conversation = Conversation {
                last_message: None,
                ..with(&store, viewer, peer).await
            };
            assert_eq!(piece.conversation, conversation);
        }
    }
}

async fn walking_back_and_forth_visits_each_message_once(place: Place) {
    let store = place.store().await;
    let (mary, john) = ten_messages(&store).await;
    let mut back = Vec::new();
    let mut range = HistoryRange::Newest;
    loop {
        let piece = history(&store, &mary, &john, range, 3).await;
        back.splice(0..0, numbers(&piece));
        if !piece.has_older() {
            break;
        }
        range = HistoryRange::Before(piece.messages[0].seq);
    }
    assert_eq!(back, (1..=10).collect::<Vec<_>>());
    let mut forth = Vec::new();
    range = HistoryRange::After(seq(0));
    loop {
        let piece = history(&store, &mary, &john, range, 3).await;
        forth.extend(numbers(&piece));
        if !piece.has_newer() {
            break;
        }
        range = HistoryRange::After(piece.messages.last().unwrap().seq);
    }
    assert_eq!(forth, back);
}

async fn with_nobody_there_is_no_history_and_before_the_first_message_an_empty_one(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let messages = store.messages();
    let limit = HistoryLimit::default();
    for range in [
        HistoryRange::Newest,
        HistoryRange::Before(seq(5)),
        HistoryRange::After(seq(0)),
    ] {
        let piece = history(&store, &mary, &john, range, 3).await;
        assert_eq!(piece.messages, []);
        assert_eq!(piece.conversation, Conversation::empty(john.clone()));
        for nobody in ["mary", "nobody"] {
            let found = messages
                .list_with(mary.id, &name(nobody), range, limit)
                .await;
            assert_eq!(found.unwrap(), None);
        }
    }
}

on_both! {
    a_piece_has_the_messages_next_to_its_place,
    walking_back_and_forth_visits_each_message_once,
    with_nobody_there_is_no_history_and_before_the_first_message_an_empty_one,
}
