//! What is told while it happens.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::answers::{bodies, history, is_problem};
use crate::support::{Database, TestApp, TestStream, answer, on_both_databases};

const EVENTS: &str = "/api/v1/events";

on_both_databases! {
    async fn a_message_is_told_to_both_members_and_to_nobody_else(app: &TestApp) {
        let [david, james, mary] = people(app).await;
        let mut of_david = TestStream::open(&david, EVENTS, "").await;
        let mut of_james = TestStream::open(&james, EVENTS, "").await;
        let mut of_mary = TestStream::open(&mary, EVENTS, "").await;

        let path = "/api/v1/conversations/jamessmith/messages";
        let sent = david.post_json(path, &json!({ "body": "two\nlines" })).await.expect(201);
        for (stream, with) in [(&mut of_david, "jamessmith"), (&mut of_james, "davidjones")] {
            let told = stream.news().await;
            assert_eq!(told.name, "message");
            assert_eq!(told.json(), json!({ "with": with, "message": sent.json() }));
        }
        // The first thing that Mary hears of is meant for her.
        david.post_json("/api/v1/conversations/marybrown/messages", &json!({ "body": "for you" })).await.expect(201);
        let told = of_mary.news().await.json();
        assert_eq!((&told["with"], &told["message"]["body"]), (&json!("davidjones"), &json!("for you")));
    }

    async fn a_stream_goes_on_after_the_last_event_it_told(app: &TestApp) {
        let [david, james, _] = people(app).await;
        let path = "/api/v1/conversations/davidjones/messages";
        let mut stream = TestStream::open(&david, EVENTS, "").await;
        james.post_json(path, &json!({ "body": "heard" })).await.expect(201);
        let heard = stream.news().await;
        drop(stream);

        let missed: Vec<String> = (0..50).map(|n| format!("missed {n}")).collect();
        for text in &missed {
            james.post_json(path, &json!({ "body": text })).await.expect(201);
        }
        let mut stream = TestStream::open(&david, EVENTS, &heard.id).await;
        let mut told = Vec::new();
        while told.last() != Some(&"missed 49".to_owned()) {
            told.push(stream.news().await.json()["message"]["body"].as_str().unwrap().to_owned());
        }
        // The last minute is told again; what was missed comes whole, once and in order.
        told.retain(|text| text != "heard");
        assert_eq!(told, missed);
    }

    async fn who_missed_too_much_is_told_to_load_anew(app: &TestApp) {
        let [david, ..] = people(app).await;
        let start = TestStream::open(&david, EVENTS, "").await;
        drop(start);
        for n in 0..501 {
            app.message("jamessmith", "davidjones", &format!("{n}")).await;
        }
        let mut stream = TestStream::open(&david, EVENTS, "1").await;
        assert_eq!(stream.news().await.name, "reload");
    }

    async fn reading_is_told_to_both_and_what_one_knows_only_to_the_other(app: &TestApp) {
        let [david, james, _] = people(app).await;
        app.message("jamessmith", "davidjones", "read me").await;
        let mut of_david = TestStream::open(&david, EVENTS, "").await;
        let mut of_james = TestStream::open(&james, EVENTS, "").await;
        for stream in [&mut of_david, &mut of_james] {
            // Sent within the last minute.
            assert_eq!(stream.news().await.json()["message"]["body"], "read me");
        }
        // James has come.
        assert_eq!(of_david.news().await.name, "presence");
        david.post_htmx("/conversations/jamessmith/typing", &[]).await.expect(204);
        let (seq, delivered) = (json!({ "seq": 1 }), "/api/v1/conversations/jamessmith/delivered");
        david.json(Method::PUT, delivered, &seq).await.expect(204);
        let read = "/api/v1/conversations/jamessmith/read";
        david.json(Method::PUT, read, &json!({ "seq": 1 })).await.expect(204);

        let typing = of_james.news().await;
        assert_eq!((typing.name.as_str(), typing.json()), ("typing", json!({ "with": "davidjones" })));
        let delivered = of_james.news().await;
        assert_eq!(delivered.name, "delivered");
        assert_eq!(delivered.json(), json!({ "with": "davidjones", "seq": 1 }));
        for (stream, with) in [(&mut of_james, "davidjones"), (&mut of_david, "jamessmith")] {
            let told = stream.news().await;
            assert_eq!(told.name, "read");
            assert_eq!(told.json(), json!({ "with": with, "reader": "davidjones", "seq": 1 }));
        }
    }

    async fn who_comes_and_goes_is_told_to_those_they_wrote_with_and_nobody_else(app: &TestApp) {
        let [david, james, mary] = people(app).await;
        let online = async || {
            let seen = james.get("/api/v1/users/davidjones").await.json();
            seen["online"].clone()
        };
        app.message("jamessmith", "davidjones", "hello").await;
        let mut of_james = TestStream::open(&james, EVENTS, "").await;
        let mut of_mary = TestStream::open(&mary, EVENTS, "").await;
        assert_eq!(of_james.news().await.name, "message");
        // To be signed in is not to be here.
        assert_eq!(online().await, false);

        let streams = [
            TestStream::open(&david, EVENTS, "").await,
            TestStream::open(&david, "/events", "").await,
        ];
        let came = of_james.news().await;
        assert_eq!(came.name, "presence");
        assert_eq!((&came.json()["with"], &came.json()["online"]), (&json!("davidjones"), &json!(true)));
        assert_eq!(online().await, true);

        drop(streams);
        let left = of_james.news().await;
        assert_eq!((left.name.as_str(), &left.json()["online"]), ("presence", &json!(false)));
        assert_eq!(online().await, false);
        // Mary has heard of nothing.
        app.message("jamessmith", "marybrown", "for you").await;
        let path = "/api/v1/conversations/marybrown/messages";
        james.post_json(path, &json!({ "body": "for you" })).await.expect(201);
        assert_eq!(of_mary.news().await.json()["with"], "jamessmith");
    }

    async fn who_comes_back_at_once_was_never_away(app: &TestApp) {
        let [david, james, _] = people(app).await;
        app.message("jamessmith", "davidjones", "hello").await;
        let mut of_james = TestStream::open(&james, EVENTS, "").await;
        assert_eq!(of_james.news().await.name, "message");
        drop(TestStream::open(&david, EVENTS, "").await);
        let _back = TestStream::open(&david, EVENTS, "").await;
        assert_eq!(of_james.news().await.json()["online"], true);
        let path = "/api/v1/conversations/jamessmith/messages";
        // Longer than it takes to be seen off.
        let quiet = tokio::time::timeout(Duration::from_secs(8), of_james.news()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        david.post_json(path, &json!({ "body": "still here" })).await.expect(201);
        assert_eq!(of_james.news().await.name, "message");
    }

    async fn a_stream_ends_with_its_session_and_no_other_does(app: &TestApp) {
        let [david, james, _] = people(app).await;
        let elsewhere = app.signed_in("davidjones").await;
        let mut ends = [
            TestStream::open(&david, EVENTS, "").await,
            TestStream::open(&david, "/events", "").await,
        ];
        let mut goes_on = TestStream::open(&elsewhere, EVENTS, "").await;
        david.post_form("/logout", &[]).await.expect(303);
        for stream in &mut ends {
            assert_eq!(stream.news().await.name, "session-ended");
            assert_eq!(stream.next().await, None);
        }
        let path = "/api/v1/conversations/davidjones/messages";
        james.post_json(path, &json!({ "body": "still there?" })).await.expect(201);
        assert_eq!(goes_on.news().await.name, "message");
    }
}

#[tokio::test]
async fn a_page_is_told_pieces_of_itself() {
    let app = TestApp::start(Database::sqlite()).await;
    let [david, james, _] = people(&app).await;
    let mut stream = TestStream::open(&david, "/events", "").await;
    let text = "<b>\r\n\r\ndata: x";
    james
        .post_htmx("/conversations/davidjones/messages", &[("body", text)])
        .await
        .expect(200);
    let told = stream.news().await;
    assert_eq!(told.name, "");
    for piece in [
        r#"<template data-for="messages" data-with="jamessmith"><li class="message theirs" id="m-1""#,
        "&lt;b&gt;\n\ndata: x",
        r#"<template data-for="entry" data-moves><li id="c-jamessmith" data-order="-"#,
        r#"" data-as-of="1" data-arrived="1" data-delivered="/conversations/jamessmith/delivered">"#,
        "1<span class=\"hidden\"> unread</span>",
    ] {
        assert!(told.data.contains(piece), "{piece}: {}", told.data);
    }
    assert_eq!(
        bodies(&history(&david, "jamessmith").await),
        ["<b>\n\ndata: x"]
    );
    app.stop().await;
}

#[tokio::test]
async fn both_kinds_of_stream_are_told_without_hyper() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    for path in ["/events", EVENTS] {
        let begun = david.request(Method::GET, path).send().await.unwrap();
        assert_eq!(begun.headers()["content-type"], "text/event-stream");
        assert_eq!(begun.headers()["connection"], "close", "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_page_without_a_session_is_told_so_in_the_stream() {
    let app = TestApp::start(Database::sqlite()).await;
    let answered = app.client().get("/events").await.expect(200);
    assert_eq!(answered.header("content-type"), "text/event-stream");
    assert!(
        answered.text.starts_with("event: session-ended\n"),
        "{}",
        answered.text
    );
    app.stop().await;
}

#[tokio::test]
async fn a_user_has_so_many_streams_and_a_cursor_is_one_of_ours() {
    let app = TestApp::start(Database::sqlite()).await;
    let [david, james, _] = people(&app).await;
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(TestStream::open(&david, EVENTS, "").await);
    }
    let refused = david.get(EVENTS).await;
    is_problem(&refused, 429);
    assert_eq!(refused.header("retry-after"), "15");
    david.get("/events").await.expect(429);
    drop(TestStream::open(&james, EVENTS, "").await);
    drop(open);
    let request = james
        .request(Method::GET, EVENTS)
        .header("last-event-id", "yesterday");
    is_problem(&answer(request).await, 400);
    app.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_tells_its_streams_to_come_back() {
    let app = TestApp::start(Database::sqlite()).await;
    let [david, ..] = people(&app).await;
    let mut stream = TestStream::open(&david, EVENTS, "").await;
    app.streams.end();
    assert_eq!(stream.news().await.name, "restart");
    assert_eq!(stream.next().await, None);
    app.stop().await;
}

async fn people(app: &TestApp) -> [crate::support::TestClient; 3] {
    [
        app.signed_in("davidjones").await,
        app.signed_in("jamessmith").await,
        app.signed_in("marybrown").await,
    ]
}
