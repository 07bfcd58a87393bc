use std::collections::VecDeque;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;

use super::TestClient;

/// The longest time that a stream which lives says nothing.
const SILENCE: Duration = Duration::from_secs(16);

/// An open `text/event-stream`, read event by event.
pub(crate) struct TestStream {
    response: Response,
    text: String,
    events: VecDeque<Event>,
}

/// One event of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: String,
}

impl Event {
    /// Takes the first one off the text of a stream, once all of it is there.
    pub(crate) fn take_from(text: &mut String) -> Option<Self> {
        let (event, rest) = text.split_once("\n\n")?;
        let field = |name: &str| {
            let values = event.lines().filter_map(|line| line.strip_prefix(name));
            values
                .map(|value| value.trim_start_matches(' '))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let taken = Self {
            name: field("event:"),
            id: field("id:"),
            data: field("data:"),
        };
        *text = String::from(rest);
        Some(taken)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

impl TestStream {
    /// Opens it, from after `last_id` on when there is one, and reads its first sign of life:
    /// from then on it hears everything.
    pub(crate) async fn open(client: &TestClient, path: &str, last_id: &str) -> Self {
        let request = client
            .request(Method::GET, path)
            .header("last-event-id", last_id);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self {
            response,
            text: String::new(),
            events: VecDeque::new(),
        };
        assert_eq!(stream.next().await.unwrap().name, "ping");
        stream
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        while self.events.is_empty() {
            let chunk = tokio::time::timeout(SILENCE, self.response.chunk());
            let chunk = chunk
                .await
                .expect("not even a sign of life came")
                .unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            self.events
                .extend(std::iter::from_fn(|| Event::take_from(&mut self.text)));
        }
        self.events.pop_front()
    }

    /// The next event that is not a sign of life.
    pub(crate) async fn news(&mut self) -> Event {
        loop {
            let event = self.next().await.expect("the stream ended");
            if event.name != "ping" {
                return event;
            }
        }
    }
}
