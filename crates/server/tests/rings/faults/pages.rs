//! Reading pieces of conversations, and writing down what they showed.

use std::time::Duration;

use reqwest::Method;

use super::history::{Entry, History, Message};
use crate::support::{TestClient, within};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a piece may have to be asked for.
const READ_WITHIN: Duration = Duration::from_mins(1);

/// Reads the end of a conversation; when it cannot be had now, nothing was seen.
pub(crate) async fn read_newest(client: &TestClient, viewer: &str, with: &str, history: &History) {
    let asked = history.len();
    let path = format!("/api/v1/conversations/{with}/messages?limit=20");
    if let Some((messages, _)) = page(client, &path, history).await {
        history.add(Entry::Page {
            viewer: viewer.to_owned(),
            with: with.to_owned(),
            asked,
            after: messages.first().map_or(0, |first| first.seq - 1),
            is_end: true,
            messages,
        });
    }
}

/// Reads a conversation from its beginning to its end, however often a piece must be asked for.
pub(crate) async fn read_whole(client: &TestClient, viewer: &str, with: &str, history: &History) {
    let mut after = 0;
    loop {
        let asked = history.len();
        let path = format!("/api/v1/conversations/{with}/messages?limit=200&after={after}");
        let (messages, is_end) = within(READ_WITHIN, "a page can be read", || {
            page(client, &path, history)
        })
        .await;
        let last = messages.last().map_or(after, |last| last.seq);
        history.add(Entry::Page {
            viewer: viewer.to_owned(),
            with: with.to_owned(),
            asked,
            after,
            is_end,
            messages,
        });
        if is_end {
            return;
        }
        after = last;
    }
}

/// The messages, and whether there are no newer ones.
async fn page(client: &TestClient, path: &str, history: &History) -> Option<(Vec<Message>, bool)> {
    let request = client.request(Method::GET, path).timeout(PATIENCE);
    let answer = request.send().await.ok()?;
    let status = answer.status();
    let may_come_back = answer.headers().contains_key("retry-after");
    let text = answer.text().await.ok()?;
    if status == 503 && may_come_back {
        return None;
    }
    let piece: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let Some(messages) = piece["messages"].as_array() else {
        let what = format!("{path}: {status}: {text}");
        history.add(Entry::Refused { what });
        return None;
    };
    let messages = messages.iter().map(Message::from_json).collect();
    Some((messages, piece["has_newer"] == false))
}
