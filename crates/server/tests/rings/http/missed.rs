//! What a stream tells that was missed: at its beginning, and when it looks into the store.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::conversations::{Position, Seq};
use domain::users::Username;
use domain::{Clock as _, SystemClock};
use reqwest::Method;

use super::answers::send;
use crate::support::{Database, TestApp, TestStream, answer, on_both_databases};

const EVENTS: &str = "/api/v1/events";

on_both_databases! {
    async fn a_connection_that_breaks_while_it_is_told_what_was_missed_loses_nothing(app: &TestApp) {
        let [david, james] = [app.signed_in("davidjones").await, app.signed_in("jamessmith").await];
        // Longer ago than what is told again to whoever comes back.
        let now = SystemClock.now();
        let (sent_at, heard) = (now.before(Duration::from_mins(5)), now.before(Duration::from_mins(10)));
        let missed: BTreeSet<String> = (1..=300).map(|n| format!("missed {n}.")).collect();
        for text in &missed {
            app.message_at(sent_at, "jamessmith", "davidjones", text).await;
        }
        for path in [EVENTS, "/events"] {
            let mut stream = TestStream::open(&david, path, &heard.unix_millis().to_string()).await;
            let mut told = Vec::new();
            for _ in 0..20 {
                told.push(stream.news().await);
            }
            let heard = told.last().unwrap().id.clone();
            let mut stream = TestStream::open(&david, path, &heard).await;
            let live = format!("live at {path}.");
            send(&james, "davidjones", &live).await;
            while !told.last().unwrap().data.contains(&live) {
                told.push(stream.news().await);
            }
            let is_told = |text: &&String| told.iter().any(|event| event.data.contains(*text));
            assert_eq!(missed.iter().filter(is_told).count(), missed.len());
            // Once all of that is told, nothing but the last minute is told again.
            let mut stream = TestStream::open(&david, path, &told.last().unwrap().id).await;
            assert!(stream.news().await.data.contains("live at "));
        }
    }
}

#[tokio::test]
async fn a_look_tells_what_was_lost_and_what_was_told_is_never_too_much() {
    let app = TestApp::start(Database::sqlite()).await;
    let [david, james] = [
        app.signed_in("davidjones").await,
        app.signed_in("jamessmith").await,
    ];
    let mut stream = TestStream::open(&david, EVENTS, "").await;
    // More than is told one by one to whoever missed it.
    for n in 0..600 {
        send(&james, "davidjones", &format!("{n}")).await;
        assert_eq!(stream.news().await.name, "message");
    }
    app.message("jamessmith", "davidjones", "told to nobody")
        .await;
    let told = stream.news().await;
    assert_eq!(told.name, "message");
    assert_eq!(told.json()["message"]["body"], "told to nobody");
    app.stop().await;
}

#[tokio::test]
async fn a_stream_tells_a_reader_as_they_have_become() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    let mut stream = TestStream::open(&david, "/events", "").await;
    let off = [("read_receipts", "off")];
    david
        .post_form("/settings/receipts", &off)
        .await
        .expect(303);
    // Found by a look, which has read who David is.
    app.message("davidjones", "jamessmith", "read already")
        .await;
    let (james, david) = (
        app.user_id("jamessmith").await,
        Username::parse("davidjones").unwrap(),
    );
    let (conversations, seq) = (app.store.conversations(), Seq::new(1).unwrap());
    let marked = conversations.mark(james, &david, Position::Read, seq);
    marked.await.unwrap();
    let told = stream.news().await.data;
    assert!(
        told.contains("read already") && told.contains(">Delivered<"),
        "{told}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_stream_that_is_refused_takes_nobody_for_gone() {
    let app = TestApp::start(Database::sqlite()).await;
    let [david, james] = [
        app.signed_in("davidjones").await,
        app.signed_in("jamessmith").await,
    ];
    app.message("jamessmith", "davidjones", "hello").await;
    let mut of_james = TestStream::open(&james, EVENTS, "").await;
    assert_eq!(of_james.news().await.name, "message");
    // As another node would have it.
    let (id, now) = (app.user_id("davidjones").await, SystemClock.now());
    assert!(app.store.users().mark_present(id, now).await.unwrap());
    for path in [EVENTS, "/events"] {
        let request = david.request(Method::GET, path);
        let refused = answer(request.header("last-event-id", "yesterday")).await;
        assert_eq!(refused.status, 400);
    }
    // Longer than it takes to be seen off.
    let quiet = tokio::time::timeout(Duration::from_secs(8), of_james.news()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    app.stop().await;
}
