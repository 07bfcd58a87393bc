use std::time::Duration;

use domain::{Clock as _, Ids as _, RandomIds, SystemClock};
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::sleep;

use super::chance::Chance;
use super::crowd::Person;
use super::history::{Entry, History, Message};
use super::pages::read_newest;
use crate::support::TestClient;

/// How long an answer may take before a client asks again.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client of somebody's that writes one message after the other.
pub(crate) struct Writer {
    /// Which of these people's it is.
    pub(crate) me: usize,
    pub(crate) people: Vec<Person>,
    pub(crate) door: usize,
    pub(crate) chance: Chance,
    pub(crate) history: History,
    pub(crate) stopped: watch::Receiver<bool>,
}

/// What an attempt to send came to.
enum Attempt {
    Stored(Message),
    /// Nobody knows: again.
    Unanswered,
    Refused(String),
}

impl Writer {
    /// Until it is told to stop; it finishes what it is at.
    pub(crate) async fn run(mut self) {
        for n in 0.. {
            if *self.stopped.borrow() {
                return;
            }
            let other = 1 + self.chance.below(self.people.len() - 1);
            let to = (self.me + other) % self.people.len();
            self.send(to, n).await;
            if self.chance.below(8) == 0 {
                let (me, other) = (&self.people[self.me], &self.people[to]);
                read_newest(self.client(), &me.name, &other.name, &self.history).await;
            }
            let pause = self.chance.below(40) as u64;
            sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Sends until it is known to be stored, as docs/api.md says.
    async fn send(&mut self, to: usize, n: usize) {
        let client_id = RandomIds.uuid(SystemClock.now());
        let (from, to) = (
            self.people[self.me].name.clone(),
            self.people[to].name.clone(),
        );
        let body = format!("{n} from {from} to {to}");
        let message = json!({ "body": body, "client_id": client_id });
        let path = format!("/api/v1/conversations/{to}/messages");
        self.history.add(Entry::Sends {
            client_id,
            from,
            to,
            body,
        });
        loop {
            let request = self.client().request(Method::POST, &path).json(&message);
            match attempt(request.timeout(PATIENCE)).await {
                Attempt::Stored(message) => {
                    return self.history.add(Entry::Acknowledged { client_id, message });
                }
                Attempt::Refused(what) => return self.history.add(Entry::Refused { what }),
                Attempt::Unanswered => self.history.add(Entry::Unanswered),
            }
            self.door += 1;
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn client(&self) -> &TestClient {
        let clients = &self.people[self.me].clients;
        &clients[self.door % clients.len()]
    }
}

async fn attempt(request: reqwest::RequestBuilder) -> Attempt {
    let Ok(answer) = request.send().await else {
        return Attempt::Unanswered;
    };
    let status = answer.status();
    let may_come_back = answer.headers().contains_key("retry-after");
    let Ok(text) = answer.text().await else {
        return Attempt::Unanswered;
    };
    match status.as_u16() {
        200 | 201 => match serde_json::from_str(&text) {
            Ok(message) => Attempt::Stored(Message::from_json(&message)),
            Err(error) => Attempt::Refused(format!("{status}: {error}: {text}")),
        },
        503 if may_come_back => Attempt::Unanswered,
        _ => Attempt::Refused(format!("{status}: {text}")),
    }
}
