use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use domain::{Clock as _, Ids as _, RandomIds, SystemClock};
use reqwest::Method;
use serde_json::json;
use storage::Store;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::chance::Chance;
use super::checker::{Violation, violations};
use super::history::{Entry, History, Message};
use super::reader::Reader;
use super::truth;
use crate::support::{PASSWORD, TestClient, add_user, within};

/// How many people there are: every two of them have a conversation.
const PEOPLE: usize = 4;
/// How long an answer may take before a client asks again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long all may take to be quiet, once the last fault is over.
const QUIET_WITHIN: Duration = Duration::from_secs(60);
/// How long a reader may take to have all: half a minute, and what a stream takes to come back.
const CONVERGED_WITHIN: Duration = Duration::from_secs(40);

/// People who write to each other from several clients each, read pages and follow streams, whatever
/// happens to the servers; and what they did and saw.
pub(crate) struct Crowd {
    pub(crate) history: History,
    people: Vec<Person>,
    readers: Vec<(usize, Reader)>,
    writers: JoinSet<()>,
    stop: watch::Sender<bool>,
}

#[derive(Clone)]
struct Person {
    name: String,
    /// One for each door, with the same session.
    clients: Vec<TestClient>,
}

/// What became of it all.
pub(crate) struct Verdict {
    pub(crate) acknowledged: usize,
    pub(crate) sent_again: usize,
    pub(crate) stored: usize,
    pub(crate) shown: usize,
    pub(crate) violations: Vec<Violation>,
}

impl Crowd {
    /// People of these names and a number, who come in by these doors. Each has a stream at every
    /// door. So many clients of theirs write until they are told to stop.
    pub(crate) async fn gather(
        name: &str,
        database: &str,
        doors: &[SocketAddr],
        writers: usize,
        seed: u64,
    ) -> Self {
        let mut chance = Chance::of(seed);
        let people = join(name, database, doors).await;
        let history = History::default();
        let mut readers = Vec::new();
        for (at, person) in people.iter().enumerate() {
            for door in 0..doors.len() {
                let mut clients = person.clients.clone();
                clients.rotate_left(door);
                let reader = Reader::recording(clients, &person.name, history.clone()).await;
                readers.push((at, reader));
            }
        }
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for writer in 0..writers {
            let writer = Writer {
                me: writer % people.len(),
                people: people.clone(),
                door: writer / people.len(),
                chance: Chance::of(chance.seed()),
                history: history.clone(),
                stopped: stopped.clone(),
            };
            tasks.spawn(writer.run());
        }
        Self {
            history,
            people,
            readers,
            writers: tasks,
            stop,
        }
    }

    /// Waits until so many more sends are acknowledged.
    pub(crate) async fn goes_on_for(&self, sends: usize) {
        let wanted = self.history.acknowledged() + sends;
        within(QUIET_WITHIN, "sends are acknowledged", || async {
            (self.history.acknowledged() >= wanted).then_some(())
        })
        .await;
    }

    /// Has everybody finish what they are at and look at everything once more, then compares what
    /// they did and saw with the database.
    pub(crate) async fn verdict(mut self, database: &str) -> Verdict {
        self.stop.send_replace(true);
        let quiet = timeout(QUIET_WITHIN, async {
            while let Some(ended) = self.writers.join_next().await {
                ended.unwrap();
            }
        });
        if quiet.await.is_err() {
            let what = format!("sends are not answered within {QUIET_WITHIN:?}");
            self.history.add(Entry::Refused { what });
            self.writers.shutdown().await;
        }
        for person in &self.people {
            for client in &person.clients {
                for other in self.people.iter().filter(|other| other.name != person.name) {
                    read_whole(client, &person.name, &other.name, &self.history).await;
                }
            }
        }
        let stored = truth::of(database, &self.people[0].name).await;
        self.converge(&stored).await;
        for (at, reader) in &self.readers {
            let viewer = &self.people[*at].name;
            for other in self.people.iter().filter(|other| other.name != *viewer) {
                self.history.add(Entry::Has {
                    viewer: viewer.clone(),
                    with: other.name.clone(),
                    ids: reader.ids(&other.name),
                });
            }
        }
        drop(self.readers);
        let again = |entry: &Entry| matches!(entry, Entry::Unanswered);
        let told = |entry: &Entry| matches!(entry, Entry::Told { .. });
        Verdict {
            acknowledged: self.history.acknowledged(),
            sent_again: self.history.count(again),
            stored: stored.len(),
            shown: self.history.count(told),
            violations: violations(&self.history.entries(), &stored),
        }
    }

    /// Waits until every reader has as much as is stored, or too long.
    async fn converge(&self, stored: &[super::checker::Stored]) {
        let expected = |name: &str| {
            let theirs = stored
                .iter()
                .filter(|it| it.members.contains(&name.to_owned()));
            theirs.count()
        };
        let converging = async {
            for (at, reader) in &self.readers {
                let expected = expected(&self.people[*at].name);
                while reader.knows_in_all() < expected {
                    sleep(Duration::from_millis(100)).await;
                }
            }
        };
        // Who has not got all by then is found by the checker.
        let _late = timeout(CONVERGED_WITHIN, converging).await;
    }
}

impl Verdict {
    /// Nothing was broken, and something was tried.
    #[track_caller]
    pub(crate) fn holds(&self) {
        let (count, first) = (self.violations.len(), self.violations.first());
        assert_eq!(first, None, "the first of {count} violations; {self}");
        assert!(
            self.acknowledged > 0 && self.stored >= self.acknowledged,
            "{self}"
        );
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            acknowledged,
            sent_again,
            stored,
            shown,
            violations,
        } = self;
        let violations = violations.len();
        write!(
            f,
            "{acknowledged} sends acknowledged, {sent_again} sent again, {stored} stored, told \
             {shown} times, {violations} violations"
        )
    }
}

async fn join(name: &str, database: &str, doors: &[SocketAddr]) -> Vec<Person> {
    let store = Store::open(database).await.unwrap();
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let name = format!("{name}-{n}");
        add_user(&store, &name, &name).await;
        let client = TestClient::new(doors[0]);
        client.sign_in(&name, PASSWORD).await;
        let clients = doors.iter().map(|&door| client.at_address(door)).collect();
        people.push(Person { name, clients });
    }
    store.close().await.unwrap();
    people
}

/// A client of somebody's that writes one message after the other.
struct Writer {
    me: usize,
    people: Vec<Person>,
    door: usize,
    chance: Chance,
    history: History,
    stopped: watch::Receiver<bool>,
}

/// What an attempt to send came to.
enum Attempt {
    Stored(Message),
    /// Nobody knows: again.
    Unanswered,
    Refused(String),
}

impl Writer {
    async fn run(mut self) {
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

/// Reads the end of a conversation; when it cannot be had now, nothing was seen.
async fn read_newest(client: &TestClient, viewer: &str, with: &str, history: &History) {
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
async fn read_whole(client: &TestClient, viewer: &str, with: &str, history: &History) {
    let mut after = 0;
    loop {
        let asked = history.len();
        let path = format!("/api/v1/conversations/{with}/messages?limit=200&after={after}");
        let (messages, is_end) = within(QUIET_WITHIN, "a page can be read", || {
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
