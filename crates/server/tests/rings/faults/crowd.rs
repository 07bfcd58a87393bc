use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use storage::Store;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::chance::Chance;
use super::checker::{Stored, Violation, violations};
use super::history::{Entry, History};
use super::pages::read_whole;
use super::reader::Reader;
use super::truth;
use super::writer::Writer;
use crate::support::{PASSWORD, TestClient, add_user, within};

/// How many people there are: every two of them have a conversation.
const PEOPLE: usize = 4;
/// How long all may take to be quiet, once the last fault is over.
const QUIET_WITHIN: Duration = Duration::from_mins(1);
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
pub(crate) struct Person {
    pub(crate) name: String,
    /// One for each door, with the same session.
    pub(crate) clients: Vec<TestClient>,
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
    async fn converge(&self, stored: &[Stored]) {
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
