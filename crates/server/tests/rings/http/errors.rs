//! Every error as each kind of client can use it.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::answers::{bodies, cookie_of, history, is_fragment, is_page, is_problem, wrong_fields};
use crate::support::{Answer, Database, TestApp, TestClient, answer, on_both_databases, raw};

/// The same request from a browser and from htmx, for a part and for the pane.
async fn as_page(status: u16, request: impl Fn() -> RequestBuilder) {
    is_page(&answer(request()).await, status);
    let htmx = || request().header("hx-request", "true");
    is_fragment(&answer(htmx()).await, status);
    is_fragment(
        &answer(htmx().header("hx-target", "main#main")).await,
        status,
    );
}

async fn api(client: &TestClient, method: &str, path: &str, kind: &str, body: &str) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client.request(method, path).header("content-type", kind);
    answer(request.body(body.to_owned())).await
}

#[tokio::test]
async fn an_unknown_address_is_not_found() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    for client in [&david, &app.client()] {
        for path in [
            "/nowhere",
            "/users/",
            "/conversations/a/b/c",
            "/apis",
            "/favicon.ico",
            "/%00",
        ] {
            as_page(404, || client.request(Method::GET, path)).await;
            as_page(404, || client.request(Method::POST, path)).await;
        }
        for path in [
            "/api",
            "/api/",
            "/api/v1",
            "/api/v2/users",
            "/api/v1/users/",
            "/api/v1/users/a/b",
        ] {
            is_problem(&client.get(path).await, 404);
            is_problem(&client.get_pane(path).await, 404);
            is_problem(&client.post_json(path, &json!({})).await, 404);
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_method_that_is_not_there_is_told_which_are() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    for (method, path, allowed) in [
        (Method::DELETE, "/users", "GET,HEAD"),
        (
            Method::PUT,
            "/conversations/jamessmith/messages",
            "GET,HEAD,POST",
        ),
        (Method::GET, "/conversations/jamessmith/read", "POST"),
        (Method::GET, "/logout", "POST"),
    ] {
        as_page(405, || david.request(method.clone(), path)).await;
        let refused = answer(david.request(method, path)).await;
        assert_eq!(refused.header("allow"), allowed, "{path}");
    }
    let refused = answer(david.request(Method::PATCH, "/api/v1/session")).await;
    is_problem(&refused, 405);
    let mut allowed: Vec<_> = refused.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "POST"]);
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_said_so() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    for path in [
        "/users?after=x",
        "/users?q=a&q=b",
        "/conversations?before=x",
        "/conversations/jamessmith/messages?before=x",
        "/conversations/jamessmith/messages?before=-1",
        "/conversations/jamessmith/messages?before=2&after=1",
        "/conversations/jamessmith/messages?after=9223372036854775808",
    ] {
        as_page(400, || david.request(Method::GET, path)).await;
    }
    let json = "application/json";
    is_problem(
        &api(&david, "POST", "/api/v1/session", json, "{").await,
        400,
    );
    is_problem(&david.get("/api/v1/users?q=a&q=b").await, 400);
    is_problem(
        &api(
            &david,
            "PUT",
            "/api/v1/conversations/jamessmith/read",
            json,
            "[1]",
        )
        .await,
        400,
    );
    let form = "application/x-www-form-urlencoded";
    as_page(422, || {
        let request = david.request(Method::POST, "/conversations/jamessmith/read");
        request.header("content-type", form).body("seq=many")
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn another_kind_of_body_is_refused() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    for kind in [
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
        "x",
    ] {
        for path in [
            "/conversations/jamessmith/messages",
            "/conversations/jamessmith/read",
            "/login",
        ] {
            as_page(415, || {
                let request = david.request(Method::POST, path);
                request.header("content-type", kind).body("body=x&seq=0")
            })
            .await;
        }
    }
    as_page(415, || {
        david.request(Method::POST, "/conversations/jamessmith/messages")
    })
    .await;
    let messages = "/api/v1/conversations/jamessmith/messages";
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "x",
    ] {
        is_problem(
            &api(&david, "POST", messages, kind, r#"{"body":"x"}"#).await,
            415,
        );
    }
    is_problem(&answer(david.request(Method::POST, messages)).await, 415);
    for kind in [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/x+json",
    ] {
        api(&david, "POST", messages, kind, r#"{"body":"x"}"#)
            .await
            .expect(201);
    }
    app.stop().await;
}

on_both_databases! {
    async fn a_body_over_the_limit_is_too_large_and_not_stored(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let path = "/conversations/jamessmith/messages";
        // All of the limit is for use: the form still reads it and says what is wrong.
        let most = format!("body={}", "x".repeat(128 * 1024 - 5));
        let form = "application/x-www-form-urlencoded";
        let send = |body: &str| {
            let request = david.request(Method::POST, path).header("content-type", form);
            request.body(body.to_owned())
        };
        is_page(&answer(send(&most)).await, 422);
        as_page(413, || send(&format!("{most}x"))).await;
        let padded = |length: usize| format!("{}{{\"body\":\"x\"}}", " ".repeat(length - 12));
        let api_path = format!("/api/v1{path}");
        let json = "application/json";
        is_problem(&api(&david, "POST", &api_path, json, &padded(64 * 1024 + 1)).await, 413);
        assert_eq!(bodies(&history(&david, "jamessmith").await), [""; 0]);
        api(&david, "POST", &api_path, json, &padded(64 * 1024)).await.expect(201);

        // The largest message fits however it is written.
        let (most, escape) = ("\u{10ffff}".repeat(8_000), "%F4%8F%BF%BF".repeat(5_000));
        let escaped = format!("{{\"body\":\"{}\"}}", r"\u00e9".repeat(8_000));
        assert_eq!(most.chars().count(), 8_000);
        api(&david, "POST", &api_path, json, &json!({ "body": most }).to_string()).await.expect(201);
        api(&david, "POST", &api_path, json, &escaped).await.expect(201);
        answer(send(&format!("body={escape}"))).await.expect(303);
    }
}

#[tokio::test]
async fn a_form_takes_the_longest_message_of_any_characters() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    // Each of four bytes, each byte written as three in a form.
    let longest = "😀".repeat(8_000);
    let sent = david
        .post_form("/conversations/jamessmith/messages", &[("body", &longest)])
        .await;
    sent.expect(303);
    assert_eq!(bodies(&history(&david, "jamessmith").await), [longest]);
    app.stop().await;
}

#[tokio::test]
async fn a_body_of_any_size_gets_an_answer() {
    let app = TestApp::start(Database::sqlite()).await;
    let cookie = cookie_of(&app, "davidjones").await;
    for (path, kind) in [
        (
            "/conversations/jamessmith/messages",
            "application/x-www-form-urlencoded",
        ),
        (
            "/api/v1/conversations/jamessmith/messages",
            "application/json",
        ),
        ("/login", "application/x-www-form-urlencoded"),
    ] {
        for size in [200 * 1024, 1024 * 1024, 8 * 1024 * 1024] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: a\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n\
                 content-length: {size}\r\nconnection: close\r\n\r\n",
            );
            let request = [head.as_bytes(), &vec![b'x'; size]].concat();
            raw(app.address, &request).await.expect(413);
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn what_the_server_is_to_blame_for_has_an_id_and_no_detail() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    app.message("davidjones", "jamessmith", "lost").await;
    app.database.execute("DROP TABLE messages").await;
    let path = "/conversations/jamessmith/messages";
    as_page(500, || david.request(Method::GET, path)).await;
    for page in [david.get(path).await, david.get_pane(path).await] {
        assert!(
            page.text.contains(page.header("x-request-id")),
            "{}",
            page.text
        );
    }
    let kept = david.post_form(path, &[("body", "kept <")]).await;
    is_page(&kept, 500);
    assert!(kept.text.contains("kept &lt;</textarea>"), "{}", kept.text);

    let read = david.get(&format!("/api/v1{path}")).await;
    let sent = david
        .post_json(&format!("/api/v1{path}"), &json!({ "body": "x" }))
        .await;
    for problem in [read, sent] {
        let shown = is_problem(&problem, 500);
        assert_eq!(shown["id"], problem.header("x-request-id"));
        assert_eq!(shown.get("detail"), None);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_rule_that_is_broken_is_a_422_for_each() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    as_page(422, || {
        let request = david.request(Method::POST, "/conversations/jamessmith/messages");
        request.form(&[("body", " ")])
    })
    .await;
    let path = "/api/v1/conversations/jamessmith/messages";
    let sent = david.post_json(path, &json!({ "body": " " })).await;
    assert_eq!(wrong_fields(&sent), ["body"]);
    app.stop().await;
}
