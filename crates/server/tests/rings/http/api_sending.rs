//! Story 3 over the API.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answers::{bodies, cookie_of, history, is_problem, keys, send, wrong_fields};
use crate::support::{Answer, TestApp, TestClient, answer, on_both_databases};

const PATH: &str = "/api/v1/conversations/jamessmith/messages";

async fn post(client: &TestClient, body: &Value) -> Answer {
    client.post_json(PATH, body).await
}

async fn post_text(client: &TestClient, body: &'static str) -> Answer {
    let request = client.request(Method::POST, PATH);
    answer(
        request
            .header("content-type", "application/json")
            .body(body),
    )
    .await
}

async fn post_keyed(client: &TestClient, key: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, PATH).json(body);
    answer(request.header("idempotency-key", key)).await
}

on_both_databases! {
    async fn a_sent_message_is_found_at_its_location(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        send(&david, "jamessmith", "first").await;
        let sent = post(&david, &json!({ "body": "hello" })).await.expect(201);
        let found = david.get(sent.header("location")).await.expect(200).json();
        assert_eq!(found["messages"], json!([sent.json()]));
        assert_eq!(sent.json()["seq"], 2);
        assert_eq!(sent.json()["sender"], "davidjones");
        let james = app.signed_in("jamessmith").await;
        assert_eq!(bodies(&history(&james, "davidjones").await), ["first", "hello"]);
    }

    async fn a_retried_send_is_stored_once(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let id = Uuid::from_u128(1).to_string();
        let body = json!({ "body": "once", "client_id": id });
        let first = post(&david, &body).await.expect(201);
        assert_eq!(first.json()["client_id"], id);
        let quoted = format!("\"{id}\"");
        let only_body = json!({ "body": "once" });
        let retries = [
            post(&david, &body).await,
            post(&david, &json!({ "body": " once\r\n", "client_id": id.to_uppercase() })).await,
            post_keyed(&david, &id, &only_body).await,
            post_keyed(&david, &quoted, &only_body).await,
            post_keyed(&david, &id, &body).await,
        ];
        for retry in retries {
            let retry = retry.expect(200);
            assert_eq!(retry.text, first.text);
            assert_eq!(retry.header("location"), first.header("location"));
        }
        assert_eq!(bodies(&history(&david, "jamessmith").await), ["once"]);
    }

    async fn another_message_under_a_used_id_is_a_conflict(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let id = Uuid::from_u128(2).to_string();
        post(&david, &json!({ "body": "one", "client_id": id })).await.expect(201);
        is_problem(&post(&david, &json!({ "body": "two", "client_id": id })).await, 409);
        is_problem(&post_keyed(&david, &id, &json!({ "body": "two" })).await, 409);
        // Unique for its sender, whoever it is to; another sender may have it too.
        let elsewhere = json!({ "body": "one", "client_id": id });
        let to_mary = david.post_json("/api/v1/conversations/marybrown/messages", &elsewhere).await;
        is_problem(&to_mary, 409);
        let mary = app.signed_in("marybrown").await;
        post(&mary, &elsewhere).await.expect(201);
        assert_eq!(bodies(&history(&david, "jamessmith").await), ["one"]);
        assert_eq!(bodies(&history(&david, "marybrown").await).len(), 0);
    }

    async fn twenty_connections_that_retry_at_once_store_one(app: &TestApp) {
        let cookie = cookie_of(app, "davidjones").await;
        let body = json!({ "body": "once", "client_id": Uuid::from_u128(3) });
        let sends: Vec<_> = (0..20)
            .map(|_| {
                let (client, body) = (TestClient::holding(app.address, &cookie), body.clone());
                tokio::spawn(async move { post(&client, &body).await })
            })
            .collect();
        let (mut created, mut texts) = (0, vec![]);
        for sent in sends {
            let sent = sent.await.unwrap();
            created += usize::from(sent.status == 201);
            assert!([200, 201].contains(&sent.status.as_u16()), "{}", sent.text);
            texts.push(sent.text);
        }
        texts.dedup();
        assert_eq!((created, texts.len()), (1, 1), "{texts:?}");
        let david = app.signed_in("davidjones").await;
        assert_eq!(bodies(&history(&david, "jamessmith").await), ["once"]);
    }

    async fn twenty_connections_that_send_at_once_are_numbered_without_a_gap(app: &TestApp) {
        let cookies = [
            (cookie_of(app, "davidjones").await, "jamessmith"),
            (cookie_of(app, "jamessmith").await, "davidjones"),
        ];
        let sends: Vec<_> = (0..20)
            .map(|n| {
                let (cookie, to) = &cookies[n % 2];
                let to = *to;
                let client = TestClient::holding(app.address, cookie);
                tokio::spawn(async move { send(&client, to, &n.to_string()).await })
            })
            .collect();
        let mut answered = vec![];
        for sent in sends {
            answered.push(sent.await.unwrap());
        }
        answered.sort_by_key(|message| message["seq"].as_i64());
        let david = app.signed_in("davidjones").await;
        let history = history(&david, "jamessmith").await;
        assert_eq!(history["messages"], Value::Array(answered));
        let messages = history["messages"].as_array().unwrap().iter();
        let seqs: Vec<_> = messages.map(|message| message["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..=20).collect::<Vec<_>>());
    }

    async fn text_is_kept_byte_for_byte(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        for (body, kept) in [
            ("a\r\nb\r\n\r\nc", "a\nb\n\nc"),
            ("\u{a0}\t middle \t kept\n\n \u{2003}", "middle \t kept"),
            ("\u{202e}bidi\u{2066}x\u{2069}", "\u{202e}bidi\u{2066}x\u{2069}"),
            ("zero\u{200b}width\u{200d}\u{feff}", "zero\u{200b}width\u{200d}\u{feff}"),
            ("e\u{301} and \u{e9}", "e\u{301} and \u{e9}"),
            ("שלום العربية", "שלום العربية"),
            ("\u{10ffff}\u{fffe}\u{e000}", "\u{10ffff}\u{fffe}\u{e000}"),
            ("\\u0000 \\n %00 ' \" ;--", "\\u0000 \\n %00 ' \" ;--"),
        ] {
            assert_eq!(send(&david, "jamessmith", body).await["body"], kept);
        }
        // As many characters as may be, each of four bytes, as themselves and as escapes.
        let astral = "😀".repeat(8_000);
        assert_eq!(send(&david, "jamessmith", &astral).await["body"], astral.as_str());
        let stored = history(&david, "jamessmith").await;
        assert_eq!(*bodies(&stored).last().unwrap(), astral);
        let over = json!({ "body": format!("{astral}😀") });
        assert_eq!(wrong_fields(&post(&david, &over).await), ["body"]);
    }

    async fn what_breaks_a_rule_is_refused_by_field_and_not_stored(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let id = Uuid::from_u128(4);
        let long = "x".repeat(8_001);
        for (body, field) in [
            (json!({ "body": "" }), "body"), (json!({ "body": " \n\t\u{2003}" }), "body"),
            (json!({ "body": long }), "body"), (json!({ "body": "a\u{0}b" }), "body"),
            (json!({ "body": "a\u{1b}b" }), "body"), (json!({ "body": "a\u{7f}b" }), "body"),
            (json!({ "body": "a\u{85}b" }), "body"), (json!({ "body": "a\rb" }), "body"),
            (json!({}), "body"), (json!({ "body": null }), "body"), (json!({ "body": 1 }), "body"),
            (json!({ "body": ["x"] }), "body"), (json!({ "body": { "body": "x" } }), "body"),
            (json!({ "body": "x", "client_id": "x" }), "client_id"),
            (json!({ "body": "x", "client_id": 1 }), "client_id"),
            (json!({ "body": "x", "client_id": "" }), "client_id"),
            (json!({ "body": "x", "sender": "marybrown" }), "sender"),
            (json!({ "body": "x", "seq": 1 }), "seq"),
            (json!({ "body": "x", "Body": "y" }), "Body"),
        ] {
            assert_eq!(wrong_fields(&post(&david, &body).await), [field], "{body}");
        }
        let both = json!({ "body": "", "client_id": "x" });
        assert_eq!(wrong_fields(&post(&david, &both).await), ["body", "client_id"]);
        for key in ["x", "", "\"\"", "00000000-0000-0000-0000-000000000000x"] {
            let refused = post_keyed(&david, key, &json!({ "body": "x" })).await;
            assert_eq!(wrong_fields(&refused), ["Idempotency-Key"], "{key}");
        }
        let two = post_keyed(&david, &Uuid::from_u128(5).to_string(), &json!({ "body": "x", "client_id": id })).await;
        assert_eq!(wrong_fields(&two), ["Idempotency-Key"]);
        let history = history(&david, "jamessmith").await;
        assert_eq!(bodies(&history), [""; 0]);
    }

    async fn what_is_not_a_json_object_is_unreadable_and_not_stored(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        for body in [
            "", " ", "{", "}", "null", "1", "\"x\"", "[]", r#"["x"]"#, r#"{"body":"x"}}"#,
            r#"{"body":"x",}"#, "{'body':'x'}", r#"{"body":x}"#, "body=x",
            r#"{"body":"\ud800"}"#, r#"{"body":"a\udc00b"}"#, r#"{"body":"\ud800\ud800"}"#,
            r#"{"body":"\u00"}"#, "{\"body\":\"line\nbreak\"}", "{\"body\":\"\u{0}\"}",
        ] {
            is_problem(&post_text(&david, body).await, 400);
        }
        assert_eq!(bodies(&history(&david, "jamessmith").await), [""; 0]);
        // A whole pair by escapes is a character.
        let pair = post_text(&david, r#"{"body":"\ud83d\ude00"}"#).await.expect(201);
        assert_eq!(pair.json()["body"], "😀");
        assert_eq!(keys(&pair.json()).len(), 6);
    }
}
