//! The queries of every page, and sending, on a `SQLite` file: `cargo bench -p storage`. The file
//! lies in the folder for temporary files, which has to be a real disk (`TMPDIR`), or a commit
//! costs nothing.

#[path = "sqlite/house.rs"]
mod house;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use domain::messages::HistoryRange;
use domain::{HistoryLimit, ListLimit};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use house::House;

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("chat.db").display());
    let house = runtime.block_on(House::build(&url));
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    reading(&mut criterion, &runtime, &house);
    sending(&mut criterion, &runtime, &house);
    criterion.final_summary();
}

fn reading(criterion: &mut Criterion, runtime: &Runtime, house: &House) {
    let mut group = criterion.benchmark_group("read");
    let sessions = house.store.sessions();
    group.bench_function("a session by its token", |bencher| {
        bencher.iter(|| {
            let found = runtime.block_on(sessions.find(&house.token));
            assert!(found.expect("an answer").is_some());
        });
    });
    let conversations = house.store.conversations();
    for entries in [20, 50] {
        let limit = ListLimit::parse(entries).expect("a limit");
        group.bench_function(BenchmarkId::new("an inbox of", entries), |bencher| {
            bencher.iter(|| {
                let page = runtime.block_on(conversations.list_of(house.reader.id, None, limit));
                assert_eq!(page.expect("an answer").items.len(), entries as usize);
            });
        });
    }
    let messages = house.store.messages();
    let (peer, limit) = (&house.peers[0].username, HistoryLimit::default());
    group.bench_function(BenchmarkId::new("a history of", limit.get()), |bencher| {
        bencher.iter(|| {
            let read = messages.list_with(house.reader.id, peer, HistoryRange::Newest, limit);
            let history = runtime.block_on(read).expect("an answer").expect("a peer");
            assert_eq!(history.messages.len(), limit.get() as usize);
        });
    });
    group.finish();
}

/// Each to another conversation, as far as there are some.
fn sending(criterion: &mut Criterion, runtime: &Runtime, house: &House) {
    let mut group = criterion.benchmark_group("send so many at once");
    for at_once in [1, 16] {
        group.throughput(Throughput::Elements(at_once as u64));
        group.bench_function(BenchmarkId::from_parameter(at_once), |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let mut sends = JoinSet::new();
                    for peer in &house.peers[..at_once] {
                        sends.spawn(house.send(peer));
                    }
                    sends.join_all().await
                });
            });
        });
    }
    group.finish();
}
