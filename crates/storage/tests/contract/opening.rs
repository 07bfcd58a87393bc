//! `ConversationRepository::open`: what is asked for one by one elsewhere, at one go.

use domain::HistoryLimit;
use domain::conversations::{Conversation, Opened, Opening, Seq};
use domain::messages::HistoryRange;
use domain::users::{User, Username};
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

async fn open(
    store: &Store,
    viewer: &User,
    peer: &Username,
    newest: u32,
    known: Option<Seq>,
) -> Option<Opened> {
    let opening = Opening {
        newest: HistoryLimit::parse(newest).unwrap(),
        known,
        inbox: limit(2),
    };
    let conversations = store.conversations();
    conversations.open(viewer.id, peer, opening).await.unwrap()
}

async fn it_is_what_is_read_one_by_one(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    for n in 0..3 {
        send_at(&store, &mary, &john, n).await;
        send_at(&store, &john, &mary, n).await;
    }
    for (peer, at) in [("zoe", 10), ("ann", 11), ("bob", 12)] {
        send_at(&store, &add(&store, peer).await, &mary, at).await;
    }
    let conversations = store.conversations();
    let inbox = conversations
        .list_of(mary.id, None, limit(2))
        .await
        .unwrap();
    assert_eq!(inbox.items.len(), 2);
    assert!(inbox.next.is_some());
    let conversation = Conversation {
        last_message: None,
        ..with(&store, &mary, &john).await
    };
    for (most, known) in [
        (4, None),
        (50, None),
        (4, Some(5)),
        (4, Some(6)),
        (4, Some(7)),
    ] {
        let opened = open(&store, &mary, &john.username, most, known.map(seq)).await;
        let messages = history(&store, &mary, &john, HistoryRange::Newest, most).await;
        let expected = Opened {
            conversation: conversation.clone(),
            newest: (known != Some(6)).then_some(messages.messages),
            inbox: inbox.clone(),
        };
        assert_eq!(opened, Some(expected), "{most} {known:?}");
    }
}

async fn one_without_messages_is_empty(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    for (known, newest) in [
        (None, Some(vec![])),
        (Some(0), None),
        (Some(1), Some(vec![])),
    ] {
        let opened = open(&store, &mary, &john.username, 4, known.map(seq))
            .await
            .unwrap();
        assert_eq!(opened.conversation, Conversation::empty(john.clone()));
        assert_eq!(opened.newest, newest);
        assert!(opened.inbox.items.is_empty());
    }
}

async fn nobody_opens_one_with_an_unknown_or_disabled_user_or_themselves(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    send(&store, &message(&john, &mary, "hello")).await;
    disable(&store, "john").await;
    for peer in [john.username, name("nobody"), mary.username.clone()] {
        assert_eq!(open(&store, &mary, &peer, 4, None).await, None, "{peer}");
    }
}

on_both! {
    it_is_what_is_read_one_by_one,
    one_without_messages_is_empty,
    nobody_opens_one_with_an_unknown_or_disabled_user_or_themselves,
}
