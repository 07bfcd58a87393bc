//! Unread counts and how far one has read.

use std::time::Duration;

use domain::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};

use super::answers::{attribute, is_fragment, is_page, is_problem, send, wrong_fields};
use crate::support::{Answer, TestApp, TestClient, answer, on_both_databases};

async fn conversation(client: &TestClient, with: &str) -> Value {
    let inbox = client.get("/api/v1/conversations").await.expect(200).json();
    let one = client
        .get(&format!("/api/v1/conversations/{with}"))
        .await
        .expect(200)
        .json();
    let items = inbox["items"].as_array().unwrap();
    let listed = items.iter().find(|item| item["with"]["username"] == with);
    if let Some(listed) = listed {
        // The same in the list; only the time somebody was last seen may go on.
        for key in [
            "last_seq",
            "read_seq",
            "delivered_seq",
            "peer_read_seq",
            "peer_delivered_seq",
            "unread",
            "last_message",
        ] {
            assert_eq!(listed[key], one[key]);
        }
    }
    one
}

async fn mark(client: &TestClient, with: &str, seq: impl Into<Value>) -> Answer {
    let path = format!("/api/v1/conversations/{with}/read");
    client
        .json(Method::PUT, &path, &json!({ "seq": seq.into() }))
        .await
}

fn positions(conversation: &Value) -> [&Value; 4] {
    ["last_seq", "read_seq", "peer_read_seq", "unread"].map(|name| &conversation[name])
}

on_both_databases! {
    async fn reading_moves_forward_only_and_takes_from_the_unread(app: &TestApp) {
        for n in 1..=5 {
            app.message("jamessmith", "davidjones", &format!("number {n}")).await;
        }
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        assert_eq!(positions(&conversation(&david, "jamessmith").await), [5, 0, 5, 5]);
        for (seq, read, unread) in [(2, 2, 3), (1, 2, 3), (0, 2, 3), (2, 2, 3), (5, 5, 0), (3, 5, 0)] {
            let marked = mark(&david, "jamessmith", seq).await.expect(204);
            assert_eq!(marked.text, "");
            let seen = conversation(&david, "jamessmith").await;
            assert_eq!(positions(&seen), [5, read, 5, unread], "{seq}");
            let from_there = conversation(&james, "davidjones").await;
            assert_eq!(positions(&from_there), [5, 5, read, 0], "{seq}");
        }
    }

    async fn what_is_beyond_the_last_message_is_no_position(app: &TestApp) {
        app.message("jamessmith", "davidjones", "one").await;
        let david = app.signed_in("davidjones").await;
        for bad in [json!(2), json!(-1), json!(i64::MAX), json!(i64::MIN), json!(u64::MAX),
            json!(1.5), json!("1"), json!(null), json!([1]), json!(true)] {
            let refused = mark(&david, "jamessmith", bad.clone()).await;
            assert_eq!(wrong_fields(&refused), ["seq"], "{bad}");
            let form = [("seq", bad.to_string().trim_matches('"').to_owned())];
            if bad != json!("1") {
                let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
                is_page(&david.post_form("/conversations/jamessmith/read", &form).await, 422);
                is_fragment(&david.post_htmx("/conversations/jamessmith/read", &form).await, 422);
            }
        }
        assert_eq!(positions(&conversation(&david, "jamessmith").await), [1, 0, 1, 1]);
        // With nobody yet there is nothing to have read.
        assert_eq!(wrong_fields(&mark(&david, "marybrown", 1).await), ["seq"]);
        mark(&david, "marybrown", 0).await.expect(204);
        for name in ["nobody", "davidjones"] {
            is_problem(&mark(&david, name, 0).await, 404);
        }
    }

    async fn the_page_has_a_button_for_it_and_the_inbox_shows_the_count(app: &TestApp) {
        app.message("jamessmith", "davidjones", "one").await;
        app.message("jamessmith", "davidjones", "two").await;
        app.message("marybrown", "davidjones", "three").await;
        let david = app.signed_in("davidjones").await;
        let page = david.get("/conversations/jamessmith").await;
        let count = |n: u32| format!("<span class=\"unread\">{n}<");
        assert!(page.text.contains(&count(2)) && page.text.contains(&count(1)), "{}", page.text);
        let seq = attribute(&page.text, "name=\"seq\"", "value").unwrap();
        // Looking alone reads nothing.
        assert_eq!(positions(&conversation(&david, "jamessmith").await), [2, 0, 2, 2]);

        let path = "/conversations/jamessmith/read";
        let marked = david.post_form(path, &[("seq", &seq)]).await.expect(303);
        assert_eq!(marked.header("location"), "/conversations/jamessmith");
        let page = david.get("/conversations/jamessmith").await;
        assert!(!page.text.contains(&count(2)) && page.text.contains(&count(1)), "{}", page.text);
        assert!(!page.text.contains("Mark as read"));
        // The script is told by the stream what is left.
        david.post_htmx("/conversations/marybrown/read", &[("seq", "1")]).await.expect(204);
        let page = david.get("/conversations").await;
        assert!(!page.text.contains("class=\"unread\""), "{}", page.text);
    }

    async fn what_came_is_delivered_and_not_read(app: &TestApp) {
        for n in 1..=3 {
            app.message("davidjones", "jamessmith", &format!("number {n}")).await;
        }
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        let path = "/api/v1/conversations/davidjones/delivered";
        james.json(Method::PUT, path, &json!({ "seq": 2 })).await.expect(204);
        let seen = conversation(&david, "jamessmith").await;
        assert_eq!((&seen["peer_delivered_seq"], &seen["peer_read_seq"]), (&json!(2), &json!(0)));
        let own = conversation(&james, "davidjones").await;
        assert_eq!((&own["delivered_seq"], &own["unread"]), (&json!(2), &json!(3)));
        assert_eq!(wrong_fields(&james.json(Method::PUT, path, &json!({ "seq": 4 })).await), ["seq"]);

        // As the page shows it, and as the script asks for what it has not heard.
        let page = david.get("/conversations/jamessmith").await;
        let receipts = |word: &str| page.text.matches(&format!(">{word}</span>")).count();
        assert_eq!([receipts("Delivered"), receipts("Sent"), receipts("Read")], [2, 1, 0]);
        let own = james.get("/conversations").await;
        assert!(own.text.contains("data-arrived=\"3\""), "{}", own.text);
        james.post_htmx("/conversations/davidjones/delivered", &[("seq", "3")]).await.expect(204);
        let own = james.get("/conversations").await;
        assert!(!own.text.contains("data-arrived"), "{}", own.text);
        let news = david.get_pane("/conversations/jamessmith/messages?after=3").await;
        let reached = "data-for=\"reached\" data-with=\"jamessmith\" data-delivered=\"3\" data-read=\"0\"";
        assert!(news.text.contains(reached), "{}", news.text);
    }

    async fn a_look_back_brings_the_inbox_as_it_is_now(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let now = SystemClock.now();
        for n in 1..=25 {
            let name = format!("peer{n:02}");
            app.add_user(&name, &name).await;
            let sent_at = now.before(Duration::from_secs(100 - n));
            app.message_at(sent_at, &name, "davidjones", "hello").await;
        }
        mark(&david, "peer25", 1).await.expect(204);
        let look = async |path: &str| -> String {
            let request = david.request(Method::GET, path).header("hx-request", "true");
            let looked = answer(request).await.expect(200).text;
            assert!(!looked.contains("<main"), "{looked}");
            looked
        };
        let entries = |looked: &str, start: &str| -> Vec<String> {
            let found = looked.split("<template data-for=\"entry\"").skip(1);
            let found = found.filter_map(|entry| entry.strip_prefix(start)?.split('"').next());
            found.map(str::to_owned).collect()
        };
        let names = |range: std::ops::RangeInclusive<u32>| -> Vec<String> {
            range.rev().map(|n| format!("c-peer{n:02}")).collect()
        };
        let inbox = look("/conversations").await;
        assert_eq!(entries(&inbox, "><li id=\""), names(1..=5));
        assert_eq!(entries(&inbox, " data-moves><li id=\""), names(6..=25));
        assert_eq!(inbox.matches("class=\"unread\"").count(), 24);
        let beside = look("/conversations/peer07/messages?after=0").await;
        assert!(entries(&beside, "><li id=\"").is_empty(), "{beside}");
        assert_eq!(entries(&beside, " data-moves><li id=\""), names(6..=25));
        for changed in ["messages", "reached", "state"] {
            let start = format!("<template data-for=\"{changed}\"");
            assert_eq!(beside.matches(&start).count(), 1, "{beside}");
        }
    }

    async fn sending_reads_what_was_there(app: &TestApp) {
        app.message("jamessmith", "davidjones", "one").await;
        let david = app.signed_in("davidjones").await;
        send(&david, "jamessmith", "an answer").await;
        assert_eq!(conversation(&david, "jamessmith").await["unread"], 0);
    }
}
