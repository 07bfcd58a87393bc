//! The way in for very many rows.

use domain::StoreError;
use domain::conversations::{ConversationId, Pair};
use domain::messages::{ClientId, Message, MessageBody, MessageId};
use domain::users::{NewUser, SearchTerm, UserId};
use storage::{ImportedConversation, ImportedMessage, Store};

use crate::people::*;
use crate::place::{Place, on_both};

async fn import(store: &Store) -> (Vec<NewUser>, ImportedConversation, Vec<ImportedMessage>) {
    let mut users: Vec<_> = (0..2_500)
        .map(|n| person(&format!("user{n}"), &format!("Some Body{n}")))
        .collect();
    users[7].enabled = false;
    store.importer().users(&users).await.unwrap();
    let pair = Pair::new(users[0].id, users[1].id).unwrap();
    let conversation = ImportedConversation {
        id: ConversationId(new_id()),
        pair,
        last_seq: seq(3_000),
        created_at: at(10),
        active_at: at(3_010),
        low_read_seq: seq(5),
        high_read_seq: seq(3_000),
    };
    let messages: Vec<_> = (1..=3_000)
        .map(|n| ImportedMessage {
            conversation: conversation.id,
            message: Message {
                id: MessageId(new_id()),
                client_id: ClientId(new_id()),
                seq: seq(n),
                sender: pair.high(),
                body: MessageBody::parse(&format!("\"{n}\"\n\\ 𝕏 ' $1")).unwrap(),
                sent_at: at(10 + n),
            },
        })
        .collect();
    let importer = store.importer();
    importer
        .conversations(std::slice::from_ref(&conversation))
        .await
        .unwrap();
    importer.messages(&messages).await.unwrap();
    (users, conversation, messages)
}

async fn what_is_imported_stands_as_if_it_had_been_sent(place: Place) {
    let store = place.store().await;
    let (users, conversation, messages) = import(&store).await;
    let found = store.users().find_by_username(&users[0].username).await;
    let first = found.unwrap().unwrap();
    let found = store.users().find_by_username(&users[1].username).await;
    let second = found.unwrap().unwrap();
    let (low, high) = if first.id == conversation.pair.low() {
        (first, second)
    } else {
        (second, first)
    };
    let seen = with(&store, &low, &high).await;
    assert_eq!(
        (seen.id, seen.last_seq),
        (Some(conversation.id), seq(3_000))
    );
    assert_eq!((seen.mine.read(), seen.peers.read()), (seq(5), seq(3_000)));
    assert_eq!(inbox(&store, &high).await.len(), 1);
    let read = newest(&store, &low, &high).await;
    let expected: Vec<_> = messages[2_800..]
        .iter()
        .map(|one| one.message.clone())
        .collect();
    assert_eq!(read, expected);
    assert_eq!(
        send(&store, &message(&low, &high, "next")).await.seq,
        seq(3_001)
    );

    let users = store.users();
    let term = SearchTerm::parse("body24");
    let found = users
        .list_others(low.id, term, None, limit(100))
        .await
        .unwrap();
    assert_eq!(found.items.len(), 100);
    let term = SearchTerm::parse("user7");
    let found = users
        .list_others(low.id, term, None, limit(100))
        .await
        .unwrap();
    assert!(
        found
            .items
            .iter()
            .all(|user| user.username != name("user7"))
    );
}

async fn an_import_is_all_or_nothing(place: Place) {
    let store = place.store().await;
    add(&store, "taken").await;
    let importer = store.importer();
    let users = [person("new", "New"), person("TAKEN", "Taken")];
    let outcome = importer.users(&users).await;
    assert!(matches!(outcome, Err(StoreError::Broken(_))));
    assert_eq!(importer.user_id(&name("new")).await.unwrap(), None);
}

async fn an_id_is_told_of_disabled_users_too(place: Place) {
    let store = place.store().await;
    let mary = add(&store, "mary").await;
    disable(&store, "mary").await;
    let importer = store.importer();
    let id: Option<UserId> = importer.user_id(&name("MARY")).await.unwrap();
    assert_eq!(id, Some(mary.id));
}

on_both! {
    what_is_imported_stands_as_if_it_had_been_sent,
    an_import_is_all_or_nothing,
    an_id_is_told_of_disabled_users_too,
}
