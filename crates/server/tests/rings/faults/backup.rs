//! A copy made while everybody writes is one that serves, with all that was acknowledged before.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use migrations::sea_orm_migration::sea_orm::{ConnectionTrait as _, Statement};
use storage::Store;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinHandle;

use super::command::run;
use super::node::{Node, migrate};
use super::writing::{read, seq_of, stored_after, write};
use crate::support::{Database, PASSWORD, TestClient, add_user, eventually};

/// Each writes to both others.
const PEOPLE: [&str; 3] = ["davidjones", "jamessmith", "marybrown"];
/// How many clients each of them writes with at once.
const LANES: usize = 4;
const COPIES: usize = 3;

#[tokio::test]
async fn a_backup_made_under_load_is_consistent_and_serves_when_restored() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("chat.db");
    let url = sqlite(&path);
    let mut node = serve(&url).await;
    let load = Load::begin(&node).await;
    let mut copies: Vec<(PathBuf, Kept)> = Vec::new();
    for n in 0..COPIES {
        let copy = folder.path().join(format!("copy-{n}.db"));
        let kept = load
            .during(async || {
                let file = copy.to_str().unwrap();
                let said = run(&url, &["backup", file]).await.succeeded();
                assert_eq!(said, format!("wrote {file}\n"));
            })
            .await;
        copies.push((copy, kept));
    }
    load.end().await;

    for (copy, kept) in &copies {
        assert_eq!(pragma(copy, "integrity_check").await, ["ok"]);
        assert_eq!(pragma(copy, "foreign_key_check").await, [""; 0]);
        let of_copy = Node::start(sqlite(copy), None).await;
        has_kept(&of_copy, kept).await;
    }

    // As docs/operating.md says: stop, put it in the place of the old file, start.
    node.kill();
    for name in ["chat.db", "chat.db-wal", "chat.db-shm"] {
        // After a crash they are there.
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    let (copy, kept) = &copies[0];
    std::fs::rename(copy, &path).unwrap();
    node.start_again().await;
    has_kept(&node, kept).await;
    goes_on(&node).await;
    node.kill();
}

mod postgres {
    use super::*;

    #[tokio::test]
    async fn a_dump_made_under_load_is_consistent_and_serves_when_restored() {
        let folder = TempDir::new().unwrap();
        let (old, new) = (Database::postgres().await, Database::postgres().await);
        let node = serve(&old.url()).await;
        let load = Load::begin(&node).await;
        let dump = folder.path().join("chat.dump");
        let (from, to) = (old.url(), new.url());
        let kept = load
            .during(async || {
                let file = format!("--file={}", dump.display());
                postgres_program("pg_dump", ["--format=custom".to_owned(), file, from]).await;
            })
            .await;
        load.end().await;
        drop(node);

        let into = format!("--dbname={to}");
        let [no_owner, single] = ["--no-owner", "--single-transaction"].map(str::to_owned);
        let dump = dump.display().to_string();
        postgres_program("pg_restore", [no_owner, single, into, dump]).await;
        let restored = Node::start(to, None).await;
        has_kept(&restored, &kept).await;
        goes_on(&restored).await;
        drop(restored);
        old.remove().await;
        new.remove().await;
    }
}

/// How much of what each client wrote was acknowledged before a copy was begun and after it was
/// done, in the order of [`writers`].
struct Kept(Vec<(u64, u64)>);

/// Everybody writes until it ends: the text `1` to both others, then `2` to both, …
struct Load {
    acknowledged: Vec<Arc<AtomicU64>>,
    is_over: Arc<AtomicBool>,
    writing: Vec<JoinHandle<()>>,
}

impl Load {
    async fn begin(node: &Node) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (mut acknowledged, mut writing) = (Vec::new(), Vec::new());
        let clients = signed_in(node).await;
        for (person, lane) in writers() {
            let client = clients[person].clone();
            let count = Arc::new(AtomicU64::new(0));
            let (counted, is_over) = (Arc::clone(&count), Arc::clone(&is_over));
            writing.push(tokio::spawn(async move {
                for n in 1.. {
                    for to in others(person) {
                        if is_over.load(Ordering::SeqCst) {
                            return;
                        }
                        let again = write(&client, to, &text(lane, n)).await;
                        assert_eq!(again, 0, "a copy that is made stops nobody");
                        counted.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }));
            acknowledged.push(count);
        }
        let load = Self {
            acknowledged,
            is_over,
            writing,
        };
        load.goes_on().await;
        load
    }

    async fn during(&self, work: impl AsyncFnOnce()) -> Kept {
        let before = self.counts();
        work().await;
        let after = self.counts();
        assert!(
            after.iter().sum::<u64>() > before.iter().sum(),
            "nothing was written meanwhile"
        );
        self.goes_on().await;
        Kept(before.into_iter().zip(after).collect())
    }

    /// Until every client has written some more.
    async fn goes_on(&self) {
        let before = self.counts();
        eventually("everybody has written", || async {
            let now = self.counts();
            let moved = now
                .iter()
                .zip(&before)
                .all(|(now, before)| *now > before + 3);
            moved.then_some(())
        })
        .await;
    }

    fn counts(&self) -> Vec<u64> {
        let counts = self.acknowledged.iter();
        counts.map(|count| count.load(Ordering::SeqCst)).collect()
    }

    async fn end(self) {
        self.is_over.store(true, Ordering::SeqCst);
        for writing in self.writing {
            writing.await.unwrap();
        }
    }
}

/// All that was acknowledged before, nothing that was sent after, and of what happened meanwhile
/// nothing without what came before it.
async fn has_kept(node: &Node, kept: &Kept) {
    let clients = signed_in(node).await;
    for ((person, lane), (before, after)) in writers().zip(&kept.0) {
        let client = &clients[person];
        let mut written = [0, 0];
        for (to, count) in others(person).into_iter().zip(&mut written) {
            let history = stored_after(client, to, 0).await.unwrap();
            let path = format!("/api/v1/conversations/{to}");
            let last = read(client, &path).await.unwrap()["last_seq"]
                .as_u64()
                .unwrap();
            let numbers: Vec<u64> = history.iter().map(seq_of).collect();
            assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "{person} and {to}");
            let own = history.iter().filter(|message| message["sender"] == person);
            let bodies = own.map(|message| message["body"].as_str().unwrap());
            for body in bodies.filter(|body| body.starts_with(&format!("{lane}:"))) {
                *count += 1;
                assert_eq!(body, text(lane, *count), "{person} to {to}");
            }
        }
        let [first, second] = written;
        assert!(
            first == second || first == second + 1,
            "{person} {lane}: {written:?}"
        );
        let all = first + second;
        assert!(
            *before <= all && all <= after + 1,
            "{before} <= {all} <= {after} + 1"
        );
    }
}

/// Writing continues where the copy ends.
async fn goes_on(node: &Node) {
    let client = TestClient::new(node.address);
    client.sign_in("davidjones", PASSWORD).await;
    let before = stored_after(&client, "jamessmith", 0).await.unwrap();
    write(&client, "jamessmith", "after the restore").await;
    let after = stored_after(&client, "jamessmith", 0).await.unwrap();
    assert_eq!(after[..before.len()], before);
    assert_eq!(
        seq_of(&after[before.len()]),
        seq_of(&before[before.len() - 1]) + 1
    );
}

async fn signed_in(node: &Node) -> HashMap<&'static str, TestClient> {
    let mut clients = HashMap::new();
    for person in PEOPLE {
        let client = TestClient::new(node.address);
        client.sign_in(person, PASSWORD).await;
        clients.insert(person, client);
    }
    clients
}

fn writers() -> impl Iterator<Item = (&'static str, usize)> {
    PEOPLE
        .into_iter()
        .flat_map(|person| (0..LANES).map(move |lane| (person, lane)))
}

fn others(person: &str) -> [&'static str; 2] {
    let mut others = PEOPLE.into_iter().filter(|other| *other != person);
    [(); 2].map(|()| others.next().unwrap())
}

fn text(lane: usize, n: u64) -> String {
    format!("{lane}: {n}")
}

async fn serve(database: &str) -> Node {
    migrate(database);
    let store = Store::open(database).await.unwrap();
    for person in PEOPLE {
        add_user(&store, person, person).await;
    }
    store.close().await.unwrap();
    Node::start(database.to_owned(), None).await
}

fn sqlite(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// Runs a program that comes with PostgreSQL.
async fn postgres_program<const N: usize>(name: &'static str, args: [String; N]) {
    let folder = std::env::var_os("TEST_POSTGRES_PROGRAMS")
        .expect("TEST_POSTGRES_PROGRAMS is not set: run the tests with `cargo xtask test`");
    let mut command = Command::new(PathBuf::from(folder).join(name));
    command.args(args);
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{name}: {said}");
}

async fn pragma(file: &Path, name: &str) -> Vec<String> {
    let db = migrations::connect(&sqlite(file)).await.unwrap();
    let backend = db.get_database_backend();
    let statement = Statement::from_string(backend, format!("PRAGMA {name}"));
    let rows = db.query_all_raw(statement).await.unwrap();
    let said = rows
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    db.close().await.unwrap();
    said
}
