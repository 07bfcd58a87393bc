//! A client that writes whatever happens, and the truth about what it wrote.

use std::time::Duration;

use domain::{Clock as _, Ids as _, RandomIds, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::TestClient;

/// How long an answer may take before the client asks again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends until it is known to be stored, under one client id, as docs/api.md says; and tells how
/// often it had to be sent again.
pub(crate) async fn write(client: &TestClient, to: &str, body: &str) -> usize {
    let path = format!("/api/v1/conversations/{to}/messages");
    let client_id = RandomIds.uuid(SystemClock.now());
    let message = json!({ "body": body, "client_id": client_id });
    let mut again = 0;
    loop {
        let request = client.request(Method::POST, &path).json(&message);
        match request.timeout(PATIENCE).send().await {
            Ok(answer) if answer.status().is_success() => return again,
            Ok(answer) => assert_eq!(answer.status(), 503, "{body}"),
            Err(_no_answer) => {}
        }
        again += 1;
        sleep(Duration::from_millis(50)).await;
    }
}

/// Writes `{word} 1.` to `{word} {count}.`, one after the other.
pub(crate) async fn write_many(client: &TestClient, to: &str, word: &str, count: usize) -> usize {
    let mut again = 0;
    for text in texts(word, count) {
        again += write(client, to, &text).await;
    }
    again
}

/// What that writes.
pub(crate) fn texts(word: &str, count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("{word} {n}.")).collect()
}

/// What is stored after the message of this number, oldest first.
pub(crate) async fn stored_after(
    client: &TestClient,
    with: &str,
    seq: u64,
) -> reqwest::Result<Vec<Value>> {
    let mut stored: Vec<Value> = Vec::new();
    loop {
        let after = stored.last().map_or(seq, seq_of);
        let path = format!("/api/v1/conversations/{with}/messages?limit=200&after={after}");
        let piece = read(client, &path).await?;
        stored.extend(piece["messages"].as_array().unwrap().iter().cloned());
        if piece["has_newer"] == false {
            return Ok(stored);
        }
    }
}

/// What the API answers.
pub(crate) async fn read(client: &TestClient, path: &str) -> reqwest::Result<Value> {
    let request = client.request(Method::GET, path).timeout(PATIENCE);
    request.send().await?.error_for_status()?.json().await
}

/// The number of a message.
pub(crate) fn seq_of(message: &Value) -> u64 {
    message["seq"].as_u64().unwrap()
}
