//! `MessageRepository::append`, one caller at a time.

use domain::StoreError;
use domain::conversations::{Conversation, Marked, Position};
use domain::messages::{Appended, Message, MessageBody, NewMessage, Recipient, Surroundings};
use domain::users::{User, UserId};

use crate::people::*;
use crate::place::{Place, on_both};

async fn messages_are_numbered_from_one_on_whoever_sends(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let mut sent = Vec::new();
    for (n, from_mary) in (1..).zip([true, false, false, true]) {
        let (from, to) = if from_mary {
            (&mary, &john)
        } else {
            (&john, &mary)
        };
        let new = message(from, to, &format!("number {n}"));
        let stored = send(&store, &new).await;
        let expected = Message {
            id: new.id,
            client_id: new.client_id,
            seq: seq(n),
            sender: from.id,
            body: new.body,
            sent_at: at(5),
        };
        assert_eq!(stored, expected);
        sent.push(stored);
    }
    // Both see the same, after a restart too.
    store.close().await.unwrap();
    let store = place.store().await;
    assert_eq!(newest(&store, &mary, &john).await, sent);
    assert_eq!(newest(&store, &john, &mary).await, sent);
}

async fn nobody_writes_to_an_unknown_or_disabled_user_or_to_themselves(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    send(&store, &message(&mary, &john, "hello")).await;
    disable(&store, "john").await;
    let mut nobody = john.clone();
    nobody.username = name("nobody");
    for to in [&john, &nobody, &mary] {
        let outcome = store.messages().append(&message(&mary, to, "x")).await;
        assert_eq!(outcome.unwrap(), Appended::NoSuchUser);
    }
    let mut loaded = message(&mary, &john, "of old");
    loaded.to = Recipient::Known(john.id);
    assert_eq!(send(&store, &loaded).await.seq, seq(2));
    let retried = store.messages().append(&again(&loaded)).await.unwrap();
    assert!(matches!(retried, Appended::Retry(message, _) if message.seq == seq(2)));
    enable(&store, "john").await;
    let mut shouted = message(&mary, &john, "hello");
    shouted.to = Recipient::Named(name("JOHN"));
    let outcome = store.messages().append(&shouted).await.unwrap();
    assert!(matches!(outcome, Appended::New(message, around)
        if message.seq == seq(3) && around.conversation.with == john));
}

async fn a_sender_learns_what_is_around_the_message(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let around = async |new: &NewMessage| match store.messages().append(new).await.unwrap() {
        Appended::New(_, around) => *around,
        other => panic!("not stored as new: {other:?}"),
    };
    let as_read = async |viewer, peer| Surroundings {
        conversation: Conversation {
            last_message: None,
            ..with(&store, viewer, peer).await
        },
        previous: newest(&store, viewer, peer).await.into_iter().nth_back(1),
    };
    let first = around(&message(&mary, &john, "first")).await;
    assert_eq!(first, as_read(&mary, &john).await);
    assert_eq!(first.previous, None);
    // Each is somewhere else.
    let conversations = store.conversations();
    let marked = conversations.mark(john.id, &mary.username, Position::Delivered, seq(1));
    assert!(matches!(marked.await, Ok(Some(Marked::Advanced { .. }))));
    let second = around(&message(&mary, &john, "second")).await;
    assert_eq!(second, as_read(&mary, &john).await);
    let theirs = around(&message(&john, &mary, "third")).await;
    assert_eq!(theirs, as_read(&john, &mary).await);
    assert_eq!(theirs.conversation.peers.read(), seq(2));
}

async fn each_pair_has_its_own_numbers(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let zoe = add(&store, "zoe").await;
    for (from, to, n) in [
        (&mary, &john, 1),
        (&mary, &zoe, 1),
        (&john, &mary, 2),
        (&zoe, &john, 1),
    ] {
        assert_eq!(send(&store, &message(from, to, "x")).await.seq, seq(n));
    }
}

async fn a_retried_send_is_stored_once(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let new = message(&mary, &john, "once");
    let first = send(&store, &new).await;
    let retried = store.messages().append(&again(&new)).await.unwrap();
    assert_eq!(retried, Appended::Retry(first.clone(), john.clone()));
    // No number was used up.
    let second = send(&store, &message(&mary, &john, "twice")).await;
    assert_eq!(second.seq, seq(2));
    assert_eq!(newest(&store, &mary, &john).await, [first, second]);
}

async fn a_client_id_used_for_something_else_is_a_conflict(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let zoe = add(&store, "zoe").await;
    let new = message(&mary, &john, "one thing");
    let first = send(&store, &new).await;
    let mut other_text = again(&new);
    other_text.body = MessageBody::parse("another thing").unwrap();
    let mut other_recipient = again(&new);
    other_recipient.to = Recipient::Named(zoe.username.clone());
    for conflicting in [other_text, other_recipient] {
        let outcome = store.messages().append(&conflicting).await.unwrap();
        assert_eq!(outcome, Appended::Conflict);
    }
    // Nothing was changed: no number, no activity, and no conversation with the other one.
    assert_eq!(newest(&store, &john, &mary).await, [first]);
    assert_eq!(inbox(&store, &mary).await.len(), 1);
    assert_eq!(with(&store, &mary, &zoe).await.id, None);
    assert_eq!(send(&store, &message(&zoe, &mary, "hi")).await.seq, seq(1));
}

async fn a_client_id_belongs_to_its_sender_alone(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let of_mary = message(&mary, &john, "hello");
    let mut of_john = message(&john, &mary, "hello");
    of_john.client_id = of_mary.client_id;
    assert_eq!(send(&store, &of_mary).await.seq, seq(1));
    assert_eq!(send(&store, &of_john).await.seq, seq(2));
}

async fn a_text_is_kept_byte_for_byte(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let longest = "𝕏".repeat(MessageBody::MAX_CHARS);
    for text in [
        "'; DROP TABLE messages; -- \" \\ \\u0000 $1 ?1 %",
        "\u{202e}evil\u{202c} \u{200b}z\u{feff} مرحبا e\u{301} 👩‍👩‍👧 \u{2028}x\u{10ffff}y",
        "a\tb\n\n[\"json\", 1]\n{}",
        &longest,
    ] {
        let stored = send(&store, &message(&mary, &john, text)).await;
        assert_eq!(stored.body.as_str(), text);
        let read = newest(&store, &john, &mary).await.pop().unwrap();
        assert_eq!(read, stored);
        let found = with(&store, &john, &mary).await;
        assert_eq!(found.last_message, Some(stored));
    }
}

async fn a_message_that_cannot_be_stored_leaves_nothing(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let mut stranger = mary.clone();
    stranger.id = UserId(new_id());
    let outcome = store
        .messages()
        .append(&message(&stranger, &john, "hi"))
        .await;
    assert!(matches!(outcome, Err(StoreError::Broken(_))), "{outcome:?}");
    assert_eq!(inbox(&store, &john).await, []);
    assert_eq!(send(&store, &message(&mary, &john, "hi")).await.seq, seq(1));
}

async fn sending_reads_for_the_sender_and_moves_both_inboxes(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    for from in [&mary, &john, &john] {
        let to = if from.id == mary.id { &john } else { &mary };
        send(&store, &message(from, to, "x")).await;
    }
    let seen = async |viewer: &User, peer: &User| {
        let found = with(&store, viewer, peer).await;
        (found.last_seq, found.mine.read(), found.peers.read())
    };
    assert_eq!(seen(&mary, &john).await, (seq(3), seq(1), seq(3)));
    assert_eq!(seen(&john, &mary).await, (seq(3), seq(3), seq(1)));
    for viewer in [&mary, &john] {
        assert_eq!(inbox(&store, viewer).await.len(), 1);
    }
}

on_both! {
    messages_are_numbered_from_one_on_whoever_sends,
    nobody_writes_to_an_unknown_or_disabled_user_or_to_themselves,
    a_sender_learns_what_is_around_the_message,
    each_pair_has_its_own_numbers,
    a_retried_send_is_stored_once,
    a_client_id_used_for_something_else_is_a_conflict,
    a_client_id_belongs_to_its_sender_alone,
    a_text_is_kept_byte_for_byte,
    a_message_that_cannot_be_stored_leaves_nothing,
    sending_reads_for_the_sender_and_moves_both_inboxes,
}
