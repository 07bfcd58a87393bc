//! Several nodes behave as one.

use broker::Nats;

use super::answers::{history, send};
use crate::support::{Database, TestApp, TestClient, TestStream, Wish};

const EVENTS: &str = "/api/v1/events";

/// The tests need both servers, and their names say so.
mod postgres {
    mod nats {
        use serde_json::json;

        use super::super::*;

        #[tokio::test]
        async fn a_message_is_told_once_on_the_node_that_took_it_and_once_on_the_other() {
            let [one, other] = nodes().await;
            let david = one.signed_in("davidjones").await;
            let james = other.signed_in("jamessmith").await;
            let mut streams = streams_on(&[&one, &other], &[&david, &james]).await;

            let first = send(&david, "jamessmith", "first").await;
            // What is told next is another one: the first did not come twice.
            for stream in &mut streams {
                assert_eq!(message(stream).await, first);
            }
            let second = send(&david, "jamessmith", "second").await;
            for stream in &mut streams {
                assert_eq!(message(stream).await, second);
            }
            stop([one, other]).await;
        }

        #[tokio::test]
        async fn signing_out_on_one_node_ends_the_streams_of_that_session_on_the_other() {
            let [one, other] = nodes().await;
            let david = one.signed_in("davidjones").await;
            let elsewhere = other.signed_in("davidjones").await;
            let james = one.signed_in("jamessmith").await;
            let mut ends = TestStream::open(&david.at(&other), EVENTS, "").await;
            let mut goes_on = TestStream::open(&elsewhere, EVENTS, "").await;

            david.post_form("/logout", &[]).await.expect(303);
            assert_eq!(ends.news().await.name, "session-ended");
            assert_eq!(ends.next().await, None);
            david.at(&other).get(EVENTS).await.expect(401);
            let sent = send(&james, "davidjones", "still there?").await;
            assert_eq!(message(&mut goes_on).await, sent);
            stop([one, other]).await;
        }

        #[tokio::test]
        async fn who_is_on_another_node_is_still_here() {
            let [one, other] = nodes().await;
            let david = one.signed_in("davidjones").await;
            let james = one.signed_in("jamessmith").await;
            send(&james, "davidjones", "hello").await;
            let mut of_james = TestStream::open(&james, EVENTS, "").await;
            assert_eq!(of_james.news().await.name, "message");

            let leaves = TestStream::open(&david, EVENTS, "").await;
            assert_eq!(of_james.news().await.json()["online"], true);
            let stays = TestStream::open(&david.at(&other), EVENTS, "").await;
            drop(leaves);
            // It seems for a moment that he has left, and he is told to be here again.
            assert_eq!(of_james.news().await.json()["online"], true);
            drop(stays);
            assert_eq!(of_james.news().await.json()["online"], false);
            stop([one, other]).await;
        }

        #[tokio::test]
        async fn who_was_on_a_node_that_died_has_everything_once_and_in_order_from_another() {
            let [mut one, other] = nodes().await;
            let david = one.signed_in("davidjones").await;
            let james = one.signed_in("jamessmith").await;
            let mut stream = TestStream::open(&david, EVENTS, "").await;
            send(&james, "davidjones", "heard").await;
            let heard = stream.news().await;
            // Its answer was on its way to the client when the node died, or was not.
            send(&james, "davidjones", "told to a dying stream").await;
            one.crash().await;

            let (david, james) = (david.at(&other), james.at(&other));
            send(&james, "davidjones", "told to nobody").await;
            let mut stream = TestStream::open(&david, EVENTS, &heard.id).await;
            send(&james, "davidjones", "told live").await;

            let stored = history(&david, "jamessmith").await["messages"].clone();
            let mut told = vec![heard.json()["message"].clone()];
            while told.len() < 4 {
                let message = message(&mut stream).await;
                // The last minute is told again.
                if message != told[0] {
                    told.push(message);
                }
            }
            assert_eq!(json!(told), stored);
            one.come_back().await;
            stop([one, other]).await;
        }
    }
}

/// Two nodes on one database, around one NATS server.
async fn nodes() -> [TestApp; 2] {
    let one = TestApp::start_as(Database::postgres().await, connected().await).await;
    let other = one.another_as(connected().await).await;
    [one, other]
}

async fn connected() -> Wish {
    let url = std::env::var("TEST_NATS_URL")
        .expect("TEST_NATS_URL is not set: run the tests with `cargo xtask test`");
    Wish {
        nats: Some(Nats::connect(&url).await.unwrap()),
        ..Wish::default()
    }
}

async fn stop([one, other]: [TestApp; 2]) {
    other.stop().await;
    one.stop().await;
}

/// A stream for each of these clients on each of these nodes.
async fn streams_on(nodes: &[&TestApp], clients: &[&TestClient]) -> Vec<TestStream> {
    let mut streams = Vec::new();
    for node in nodes {
        for client in clients {
            streams.push(TestStream::open(&client.at(node), EVENTS, "").await);
        }
    }
    streams
}

/// The message that the next event tells of.
async fn message(stream: &mut TestStream) -> serde_json::Value {
    let told = stream.news().await;
    assert_eq!(told.name, "message");
    told.json()["message"].clone()
}
