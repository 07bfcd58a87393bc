//! The shapes of the JSON, to the last key.

use serde_json::{Value, json};
use uuid::Uuid;

use super::answers::{keys, send};
use crate::support::{TestApp, on_both_databases};

#[track_caller]
fn is_id(value: &Value) {
    let id = Uuid::parse_str(value.as_str().unwrap()).unwrap();
    assert_eq!(id.get_version_num(), 7, "{value}");
    assert_eq!(id.hyphenated().to_string(), value.as_str().unwrap());
}

/// RFC 3339, UTC, milliseconds.
#[track_caller]
fn is_time(value: &Value) {
    let text = value.as_str().unwrap();
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000Z");
}

#[track_caller]
fn is_user(user: &Value) {
    let wanted = ["id", "username", "display_name", "online", "last_seen_at"];
    assert_eq!(keys(user), wanted.into());
    is_id(&user["id"]);
    assert!(user["online"].is_boolean());
    if !user["last_seen_at"].is_null() {
        is_time(&user["last_seen_at"]);
    }
}

#[track_caller]
fn is_message(message: &Value) {
    let wanted = ["id", "client_id", "seq", "sender", "body", "sent_at"];
    assert_eq!(keys(message), wanted.into());
    is_id(&message["id"]);
    is_id(&message["client_id"]);
    is_time(&message["sent_at"]);
    assert!(message["seq"].as_i64().unwrap() > 0);
}

#[track_caller]
fn is_conversation(conversation: &Value) {
    let wanted = [
        "with",
        "last_seq",
        "read_seq",
        "delivered_seq",
        "peer_read_seq",
        "peer_delivered_seq",
        "unread",
        "last_message",
    ];
    assert_eq!(keys(conversation), wanted.into());
    is_user(&conversation["with"]);
    for number in ["last_seq", "read_seq", "peer_read_seq", "unread"] {
        assert!(conversation[number].is_u64(), "{conversation}");
    }
    if !conversation["last_message"].is_null() {
        is_message(&conversation["last_message"]);
    }
}

#[track_caller]
fn items(list: &Value) -> &[Value] {
    assert_eq!(keys(list), ["items", "next_cursor"].into());
    list["items"].as_array().unwrap()
}

on_both_databases! {
    async fn every_answer_has_the_shape_of_the_contract(app: &TestApp) {
        app.message("jamessmith", "davidjones", "hello").await;
        let david = app.signed_in("davidjones").await;
        let get = async |path: &str| {
            let answer = david.get(&format!("/api/v1{path}")).await.expect(200);
            assert_eq!(answer.header("content-type"), "application/json");
            answer.json()
        };

        let session = get("/session").await;
        assert_eq!(keys(&session), ["user"].into());
        is_user(&session["user"]);

        let users = get("/users").await;
        items(&users).iter().for_each(is_user);
        assert_eq!((items(&users).len(), &users["next_cursor"]), (2, &Value::Null));
        let user = get("/users/jamessmith").await;
        is_user(&user);
        assert_eq!(user["username"], "jamessmith");
        assert_eq!(user["display_name"], "James Smith");
        assert_eq!((&user["online"], &user["last_seen_at"]), (&json!(false), &Value::Null));
        app.signed_in("jamessmith").await;
        let user = get("/users/jamessmith").await;
        // Signed in, with no page open.
        assert_eq!(user["online"], false);
        is_time(&user["last_seen_at"]);

        let sent = send(&david, "jamessmith", "an answer").await;
        is_message(&sent);
        let inbox = get("/conversations").await;
        items(&inbox).iter().for_each(is_conversation);
        assert_eq!(items(&inbox).len(), 1);
        let conversation = get("/conversations/jamessmith").await;
        is_conversation(&conversation);
        assert_eq!(conversation, items(&inbox)[0]);
        assert_eq!(conversation["last_message"], sent);
        let empty = get("/conversations/marybrown").await;
        is_conversation(&empty);
        assert_eq!(empty["last_message"], Value::Null);

        let history = get("/conversations/jamessmith/messages").await;
        assert_eq!(keys(&history), ["messages", "has_older", "has_newer"].into());
        history["messages"].as_array().unwrap().iter().for_each(is_message);
        assert_eq!(history["messages"][0]["sender"], "jamessmith");
        assert_eq!(history["messages"][1], sent);
    }
}

on_both_databases! {
    async fn a_name_is_written_as_it_was_given_however_it_is_asked_for(app: &TestApp) {
        app.add_user("Mixed.Case@x+y-z_", "Mixed").await;
        let david = app.signed_in("davidjones").await;
        for asked in ["Mixed.Case@x+y-z_", "mixed.case@x+y-z_", "MIXED.CASE%40x%2By-z_"] {
            let sent = send(&david, asked, "hello").await;
            assert_eq!(sent["sender"], "davidjones");
            let user = david.get(&format!("/api/v1/users/{asked}")).await.expect(200).json();
            assert_eq!(user["username"], "Mixed.Case@x+y-z_");
        }
        let inbox = david.get("/api/v1/conversations").await.json();
        assert_eq!(items(&inbox).len(), 1);
        assert_eq!(inbox["items"][0]["last_seq"], 3);
        david.get("/conversations/mixed.case@x+y-z_").await.expect(200);
    }
}
