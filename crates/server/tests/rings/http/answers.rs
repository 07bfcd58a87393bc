//! What an answer must look like for the client that asked.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp, TestClient};

/// A whole page, and nothing of what happened inside.
#[track_caller]
pub(super) fn is_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(
        answer.text.starts_with("<!DOCTYPE html>"),
        "{}",
        answer.text
    );
    tells_nothing(answer);
}

/// A piece of a page.
#[track_caller]
pub(super) fn is_fragment(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(!answer.text.contains("<html"), "{}", answer.text);
    assert!(answer.text.starts_with('<'), "{}", answer.text);
    tells_nothing(answer);
}

/// A problem of RFC 9457 that repeats its status; gives it back for more.
#[track_caller]
pub(super) fn is_problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], "about:blank");
    assert!(problem["title"].is_string(), "{problem}");
    assert_eq!(problem.get("errors").is_some(), status == 422, "{problem}");
    assert_eq!(problem.get("id").is_some(), status == 500, "{problem}");
    tells_nothing(answer);
    problem
}

/// The fields that a 422 complains about.
#[track_caller]
pub(super) fn wrong_fields(answer: &Answer) -> Vec<String> {
    let problem = is_problem(answer, 422);
    let errors = problem["errors"].as_object().unwrap();
    for (field, rules) in errors {
        assert!(!rules.as_array().unwrap().is_empty(), "{field}");
    }
    errors.keys().cloned().collect()
}

#[track_caller]
fn tells_nothing(answer: &Answer) {
    let text = answer.text.to_lowercase();
    for inside in [
        "panicked",
        "sqlx",
        "dberr",
        "serde",
        ".rs:",
        "select ",
        "backtrace",
    ] {
        assert!(!text.contains(inside), "{inside} in {text}");
    }
}

/// The names in a JSON object.
#[track_caller]
pub(super) fn keys(value: &Value) -> BTreeSet<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("{value}"));
    object.keys().map(String::as_str).collect()
}

/// The value of the first attribute of this name after `mark`, with `&amp;` read back.
pub(super) fn attribute(html: &str, mark: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(mark)?;
    let (_, rest) = rest.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}

/// Where the link with these words leads.
pub(super) fn link(html: &str, words: &str) -> Option<String> {
    let (before, _) = html.split_once(&format!("{words}</a>"))?;
    let (_, tag) = before.rsplit_once("<a ")?;
    attribute(&format!("<a {tag}"), "<a", "href")
}

/// How many bubbles there are.
pub(super) fn bubbles(html: &str) -> usize {
    html.matches("<li class=\"message ").count()
}

/// The texts of the messages in a piece of history of the API.
pub(super) fn bodies(history: &Value) -> Vec<&str> {
    let messages = history["messages"].as_array().unwrap().iter();
    messages
        .map(|message| message["body"].as_str().unwrap())
        .collect()
}

/// Sends over the API and gives back the message.
pub(super) async fn send(client: &TestClient, to: &str, body: &str) -> Value {
    let path = format!("/api/v1/conversations/{to}/messages");
    let answer = client.post_json(&path, &json!({ "body": body })).await;
    answer.expect(201).json()
}

/// Reads the newest messages over the API.
pub(super) async fn history(client: &TestClient, with: &str) -> Value {
    let path = format!("/api/v1/conversations/{with}/messages?limit=200");
    client.get(&path).await.expect(200).json()
}

/// Signs in over the form and gives back the cookie as a client sends it.
pub(super) async fn cookie_of(app: &TestApp, username: &str) -> String {
    let form = [("username", username), ("password", PASSWORD)];
    let answer = app.client().post_form("/login", &form).await.expect(303);
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap().to_owned()
}
