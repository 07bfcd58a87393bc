//! Another's conversation, and what does not exist, through every route of both interfaces.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use super::answers::{bodies, history, is_fragment, is_page, is_problem, send};
use crate::support::{Answer, TestApp, TestClient, answer, on_both_databases};

/// Every request that names a user, with what would be sent to a real one.
async fn everything_about(client: &TestClient, name: &str) -> Vec<Answer> {
    let page = format!("/conversations/{name}");
    let api = format!("/api/v1/conversations/{name}");
    let (to, read) = (format!("{page}/messages"), format!("{page}/read"));
    let mut answers = vec![
        client.get(&page).await,
        client.get(&to).await,
        client.get(&format!("{to}?after=0")).await,
        client.post_form(&read, &[("seq", "0")]).await,
        client.post_form(&to, &[("body", "hello")]).await,
    ];
    for answer in &answers {
        is_page(answer, 404);
    }
    let pieces = vec![
        client.get_pane(&page).await,
        client.get_pane(&to).await,
        client.post_htmx(&read, &[("seq", "0")]).await,
        client.post_htmx(&to, &[("body", "hello")]).await,
    ];
    for piece in &pieces {
        is_fragment(piece, 404);
    }
    let problems = vec![
        client.get(&format!("/api/v1/users/{name}")).await,
        client.get(&api).await,
        client.get(&format!("{api}/messages")).await,
        client.get(&format!("{api}/messages?after=0")).await,
        client
            .json(Method::PUT, &format!("{api}/read"), &json!({ "seq": 0 }))
            .await,
        client
            .post_json(&format!("{api}/messages"), &json!({ "body": "hello" }))
            .await,
    ];
    for problem in &problems {
        is_problem(problem, 404);
    }
    answers.extend(pieces);
    answers.extend(problems);
    answers
}

/// What an answer says, without the name asked for and without the id of a fresh form.
fn said(answer: &Answer, name: &str) -> (u16, String, BTreeSet<String>) {
    let text = answer.text.replace(name, "NAME");
    let text = match text.split_once("name=\"client_id\" value=\"") {
        Some((before, after)) => format!("{before}{}", &after[36..]),
        None => text,
    };
    let headers = answer.headers.keys().map(ToString::to_string);
    (answer.status.as_u16(), text, headers.collect())
}

on_both_databases! {
    async fn unknown_disabled_and_own_names_are_the_same_in_every_byte(app: &TestApp) {
        app.message("davidjones", "marybrown", "a secret").await;
        app.disable("marybrown").await;
        let david = app.signed_in("davidjones").await;
        let unknown = everything_about(&david, "nobody.here").await;
        for name in ["marybrown", "davidjones", "MaryBrown", "DAVIDJONES"] {
            let asked = everything_about(&david, name).await;
            for (one, other) in asked.iter().zip(&unknown) {
                assert_eq!(said(one, name), said(other, "nobody.here"));
            }
        }
        // What cannot be a name is nobody's either.
        let long = "x".repeat(151);
        for name in ["a%20b", "%3Cscript%3E", "a%2Fb", "%00", "%FF", "caf%C3%A9", "*", long.as_str()] {
            is_page(&david.get(&format!("/conversations/{name}")).await, 404);
            is_page(&david.get(&format!("/conversations/{name}/messages")).await, 404);
            is_problem(&david.get(&format!("/api/v1/users/{name}")).await, 404);
            is_problem(&david.get(&format!("/api/v1/conversations/{name}/messages")).await, 404);
        }
        let inbox = david.get("/api/v1/conversations").await.json();
        assert_eq!(inbox["items"], json!([]));
    }

    async fn a_third_person_sees_and_moves_nothing_of_a_conversation(app: &TestApp) {
        app.message("davidjones", "jamessmith", "a secret").await;
        let mary = app.signed_in("marybrown").await;
        for path in [
            "/conversations", "/conversations/jamessmith", "/conversations/davidjones",
            "/conversations/davidjones/messages?after=0", "/conversations/jamessmith/messages?before=9",
            "/users", "/api/v1/conversations", "/api/v1/conversations/davidjones",
            "/api/v1/conversations/jamessmith", "/api/v1/conversations/davidjones/messages",
            "/api/v1/conversations/jamessmith/messages?after=0", "/api/v1/users/davidjones",
        ] {
            let seen = mary.get(path).await.expect(200);
            assert!(!seen.text.contains("a secret"), "{path}");
        }
        let path = "/api/v1/conversations/davidjones/read";
        let marked = mary.json(Method::PUT, path, &json!({ "seq": 1 })).await;
        is_problem(&marked, 422);
        send(&mary, "davidjones", "mine").await;
        let david = app.signed_in("davidjones").await;
        assert_eq!(bodies(&history(&david, "jamessmith").await), ["a secret"]);
        assert_eq!(bodies(&history(&david, "marybrown").await), ["mine"]);
        assert_eq!(bodies(&history(&mary, "jamessmith").await), [""; 0]);
        let james = app.signed_in("jamessmith").await;
        let unread = james.get("/api/v1/conversations/davidjones").await.json();
        assert_eq!(unread["unread"], 1);
    }

    async fn the_cursor_of_another_leads_into_ones_own_list_only(app: &TestApp) {
        for n in 0..3 {
            let name = format!("peer{n}");
            app.add_user(&name, "Peer").await;
            app.message(&name, "davidjones", "a secret").await;
        }
        app.message("jamessmith", "marybrown", "mine").await;
        let (david, mary) = (app.signed_in("davidjones").await, app.signed_in("marybrown").await);
        let list = david.get("/api/v1/conversations?limit=1").await.json();
        let word = list["next_cursor"].as_str().unwrap();
        let api = mary.get(&format!("/api/v1/conversations?cursor={word}")).await.expect(200);
        let page = mary.get(&format!("/conversations?before={word}")).await.expect(200);
        for answer in [api, page] {
            assert!(!answer.text.contains("a secret") && !answer.text.contains("Peer"));
        }
    }

    async fn what_a_disabled_user_wrote_is_neither_read_nor_answered(app: &TestApp) {
        app.message("marybrown", "davidjones", "an old word").await;
        let david = app.signed_in("davidjones").await;
        app.disable("marybrown").await;
        for path in ["/conversations", "/api/v1/conversations", "/users", "/api/v1/users"] {
            let seen = answer(david.request(Method::GET, path)).await.expect(200);
            assert!(!seen.text.contains("Mary Brown"), "{path}");
        }
    }
}
