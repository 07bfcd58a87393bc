//! Limits, cursors and pieces of history.

use serde_json::Value;

use super::answers::{is_problem, wrong_fields};
use crate::support::{TestApp, TestClient, on_both_databases};

async fn seqs(client: &TestClient, query: &str) -> (Vec<i64>, [Value; 2]) {
    let path = format!("/api/v1/conversations/jamessmith/messages{query}");
    let mut piece = client.get(&path).await.expect(200).json();
    let messages = piece["messages"].as_array().unwrap().iter();
    let seqs = messages
        .map(|message| message["seq"].as_i64().unwrap())
        .collect();
    (seqs, [piece["has_older"].take(), piece["has_newer"].take()])
}

on_both_databases! {
    async fn a_piece_of_history_is_where_it_was_asked_for(app: &TestApp) {
        for n in 1..=120 {
            app.message("jamessmith", "davidjones", &n.to_string()).await;
        }
        let david = app.signed_in("davidjones").await;
        for (query, range, older, newer) in [
            ("", 71..=120, true, false),
            ("?limit=200", 1..=120, false, false),
            ("?limit=120", 1..=120, false, false),
            ("?limit=119", 2..=120, true, false),
            ("?limit=1", 120..=120, true, false),
            ("?before=71", 21..=70, true, true),
            ("?before=21", 1..=20, false, true),
            ("?before=51", 1..=50, false, true),
            ("?before=52", 2..=51, true, true),
            ("?before=2&limit=1", 1..=1, false, true),
            ("?before=9223372036854775807", 71..=120, true, false),
            ("?after=0", 1..=50, false, true),
            ("?after=70", 71..=120, true, false),
            ("?after=69", 70..=119, true, true),
            ("?after=119&limit=1", 120..=120, true, false),
        ] {
            let expected = (range.collect(), [older, newer].map(Value::from));
            assert_eq!(seqs(&david, query).await, expected, "{query}");
        }
        for (query, older, newer) in [
            ("?before=1", false, true), ("?before=0", false, true),
            ("?after=120", true, false), ("?after=9223372036854775807", true, false),
        ] {
            let expected = (vec![], [older, newer].map(Value::from));
            assert_eq!(seqs(&david, query).await, expected, "{query}");
        }
    }

    async fn a_limit_a_number_or_a_cursor_that_is_none_is_refused_by_field(app: &TestApp) {
        app.message("jamessmith", "davidjones", "hello").await;
        let david = app.signed_in("davidjones").await;
        let messages = "/api/v1/conversations/jamessmith/messages";
        for (path, query, fields) in [
            (messages, "limit=0", vec!["limit"]), (messages, "limit=201", vec!["limit"]),
            (messages, "limit=abc", vec!["limit"]), (messages, "limit=-1", vec!["limit"]),
            (messages, "limit=", vec!["limit"]), (messages, "limit=1.0", vec!["limit"]),
            (messages, "limit=99999999999999999999", vec!["limit"]),
            (messages, "before=-1", vec!["before"]), (messages, "before=x", vec!["before"]),
            (messages, "after=-1", vec!["after"]), (messages, "after=9223372036854775808", vec!["after"]),
            (messages, "before=x&after=y&limit=0", vec!["after", "before", "limit"]),
            ("/api/v1/users", "limit=0", vec!["limit"]), ("/api/v1/users", "limit=101", vec!["limit"]),
            ("/api/v1/users", "limit=x&cursor=x", vec!["cursor", "limit"]),
            ("/api/v1/conversations", "limit=101", vec!["limit"]),
            ("/api/v1/conversations", "cursor=AAAA", vec!["cursor"]),
        ] {
            let refused = david.get(&format!("{path}?{query}")).await;
            assert_eq!(wrong_fields(&refused), fields, "{path}?{query}");
        }
        let both = david.get(&format!("{messages}?before=2&after=0")).await;
        assert!(!wrong_fields(&both).is_empty());
        for query in ["limit=1&limit=2", "before=1&before=2"] {
            is_problem(&david.get(&format!("{messages}?{query}")).await, 400);
        }
        for path in [messages, "/api/v1/users", "/api/v1/conversations"] {
            let most = if path == messages { 200 } else { 100 };
            david.get(&format!("{path}?limit={most}&unknown=1")).await.expect(200);
        }
    }

    async fn the_inbox_visits_every_conversation_once_though_it_changes_meanwhile(app: &TestApp) {
        for n in 0..12 {
            let name = format!("peer{n:02}");
            app.add_user(&name, "Peer").await;
            app.message(&name, "davidjones", "hello").await;
        }
        let david = app.signed_in("davidjones").await;
        let (mut cursor, mut visited) = (String::new(), vec![]);
        loop {
            let path = format!("/api/v1/conversations?limit=5{cursor}");
            let list = david.get(&path).await.expect(200).json();
            for item in list["items"].as_array().unwrap() {
                visited.push(item["with"]["username"].as_str().unwrap().to_owned());
            }
            // What has been visited moves to the top: behind us.
            app.message(&visited[0], "davidjones", "again").await;
            match list["next_cursor"].as_str() {
                Some(word) => cursor = format!("&cursor={word}"),
                None => break,
            }
        }
        let expected: Vec<String> = (0..12).rev().map(|n| format!("peer{n:02}")).collect();
        assert_eq!(visited, expected);
    }
}
