//! Who and what the tests are about.

use std::collections::HashMap;

use domain::conversations::{Conversation, ConversationId, Seq};
use domain::messages::{
    Appended, ClientId, History, HistoryRange, Message, MessageBody, MessageId, NewMessage,
    Recipient,
};
use domain::sessions::{Begun, NewSession, PasswordHash, SessionId, SessionToken};
use domain::users::{Added, DisplayName, NewUser, User, UserId, Username};
use domain::{HistoryLimit, Ids, ListLimit, RandomIds, Timestamp};
use storage::Store;
use uuid::Uuid;

/// Characters that SQL, JSON or an encoding might change.
pub(crate) const ODD_NAME: &str =
    "\"O'N\\eil\" \\u0041 [1,null] $1 %s \u{2028}\u{feff}é e\u{301} 𝕏👩‍👩‍👧 \u{fffd}\u{10ffff}";
pub(crate) const ODD_TEXT: &str = "\"it's\"\tC:\\new\\n\n\n/* -- */ {\"a\":[1,null]} \\u0000 $1 ?1 \
    \u{2028}\u{2029}\u{feff}\u{200b}\u{202e}é e\u{301} 𝕏👩‍👩‍👧 </script> \u{fffd}\u{e000}\u{10ffff}";

/// A time in milliseconds.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

pub(crate) fn name(raw: &str) -> Username {
    Username::parse(raw).unwrap()
}

pub(crate) fn seq(n: i64) -> Seq {
    Seq::new(n).unwrap()
}

pub(crate) fn limit(n: u32) -> ListLimit {
    ListLimit::parse(n).unwrap()
}

pub(crate) fn new_id() -> Uuid {
    RandomIds.uuid(at(1_700_000_000_000))
}

pub(crate) fn hash(raw: &str) -> PasswordHash {
    PasswordHash::from_stored(raw)
}

/// A user whose display name is given, made at time 1.
pub(crate) fn person(username: &str, display_name: &str) -> NewUser {
    NewUser {
        id: UserId(new_id()),
        username: name(username),
        display_name: DisplayName::parse(display_name).unwrap(),
        password_hash: hash("$first"),
        created_at: at(1),
        enabled: true,
    }
}

/// Stores a user of that name.
pub(crate) async fn add(store: &Store, username: &str) -> User {
    let new = person(username, username);
    assert_eq!(store.users().add(&new).await.unwrap(), Added::New);
    User {
        id: new.id,
        username: new.username,
        display_name: new.display_name,
        last_seen_at: None,
        present_at: None,
        read_receipts: true,
    }
}

pub(crate) async fn disable(store: &Store, username: &str) {
    let users = store.users();
    assert!(
        users
            .set_enabled(&name(username), false, at(9))
            .await
            .unwrap()
    );
}

pub(crate) async fn enable(store: &Store, username: &str) {
    let users = store.users();
    assert!(
        users
            .set_enabled(&name(username), true, at(10))
            .await
            .unwrap()
    );
}

/// A message with a new client id, sent at time 5.
pub(crate) fn message(from: &User, to: &User, body: &str) -> NewMessage {
    NewMessage {
        id: MessageId(new_id()),
        client_id: ClientId(new_id()),
        conversation: ConversationId(new_id()),
        sender: from.id,
        to: Recipient::Named(to.username.clone()),
        body: MessageBody::parse(body).unwrap(),
        sent_at: at(5),
    }
}

/// The same attempt again, as a service would make it: ids are new, the client's is not.
pub(crate) fn again(message: &NewMessage) -> NewMessage {
    NewMessage {
        id: MessageId(new_id()),
        conversation: ConversationId(new_id()),
        sent_at: at(6),
        ..message.clone()
    }
}

/// Stores a message that is new.
pub(crate) async fn send(store: &Store, new: &NewMessage) -> Message {
    match store.messages().append(new).await.unwrap() {
        Appended::New(message, _) => message,
        other => panic!("not stored as new: {other:?}"),
    }
}

/// Stores a message of that time.
pub(crate) async fn send_at(store: &Store, from: &User, to: &User, millis: i64) -> Message {
    let mut new = message(from, to, &format!("at {millis}"));
    new.sent_at = at(millis);
    send(store, &new).await
}

/// A token of this byte.
pub(crate) fn token(byte: u8) -> SessionToken {
    SessionToken::from_bytes([byte; 32])
}

/// Proved by the first password.
pub(crate) fn session(of: &User, byte: u8, created_at: i64) -> NewSession {
    NewSession {
        id: SessionId(new_id()),
        token: token(byte),
        user: of.id,
        proved_by: hash("$first"),
        created_at: at(created_at),
    }
}

/// Begins a session with the token of this byte.
pub(crate) async fn sign_in(store: &Store, who: &User, byte: u8, created_at: i64) -> SessionId {
    let session = session(who, byte, created_at);
    let begun = store.sessions().begin(&session, None).await.unwrap();
    assert_eq!(begun, Begun::New(None));
    session.id
}

/// Whether the token of this byte is somebody's.
pub(crate) async fn is_signed_in(store: &Store, byte: u8) -> bool {
    store.sessions().find(&token(byte)).await.unwrap().is_some()
}

/// How often each entry occurs, for "each exactly once".
pub(crate) fn counts<T: std::hash::Hash + Eq>(
    all: impl IntoIterator<Item = T>,
) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

/// The viewer's conversation with this user.
pub(crate) async fn with(store: &Store, viewer: &User, peer: &User) -> Conversation {
    let conversations = store.conversations();
    let found = conversations.find_with(viewer.id, &peer.username).await;
    found.unwrap().unwrap()
}

/// The first entries of an inbox.
pub(crate) async fn inbox(store: &Store, viewer: &User) -> Vec<Conversation> {
    let conversations = store.conversations();
    let page = conversations.list_of(viewer.id, None, limit(100)).await;
    page.unwrap().items
}

/// A piece of the viewer's history with this user.
pub(crate) async fn history(
    store: &Store,
    viewer: &User,
    peer: &User,
    range: HistoryRange,
    most: u32,
) -> History {
    let most = HistoryLimit::parse(most).unwrap();
    let messages = store.messages();
    let found = messages.list_with(viewer.id, &peer.username, range, most);
    found.await.unwrap().unwrap()
}

/// The newest messages, as many as a page may have.
pub(crate) async fn newest(store: &Store, viewer: &User, peer: &User) -> Vec<Message> {
    let found = history(store, viewer, peer, HistoryRange::Newest, 200).await;
    found.messages
}
