//! Thousands who come and say nothing.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::stage::Stage;
use crate::support::within;

/// As many connections as are wanted, or as many as this process and the server may have.
const WANTED: usize = 10_000;

/// The most bytes of memory that one of them may take.
const MOST_OF_ONE: usize = 32 * 1024;

#[tokio::test]
async fn ten_thousand_idle_connections_cost_little_and_are_ended() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    let count = WANTED.min(usize::try_from(most).unwrap().saturating_sub(500));
    println!("{count} connections, as a process may have {most} files");

    let stage = Stage::single().await;
    let node = &stage.nodes[0];
    let david = stage.beside(0, "davidjones").await;
    let (memory, files) = (node.memory(), node.open_files());
    let (mut idle, mut most_open) = (Vec::new(), 0);
    while idle.len() < count {
        // So few at once that none is dropped before it is accepted.
        let some = (0..100.min(count - idle.len())).map(|_| TcpStream::connect(node.address));
        idle.extend(join_all(some).await.into_iter().map(Result::unwrap));
        // Every other one begins to say something.
        for stream in idle.iter_mut().rev().take(100).step_by(2) {
            let begun = stream.write_all(b"GET /login HTTP/1.1\r\nhost: ").await;
            begun.unwrap();
        }
        most_open = most_open.max(node.open_files());
    }
    for path in ["/conversations", "/api/v1/users", "/readyz"] {
        let asked = Instant::now();
        david.get(path).await.expect(200);
        let waited = asked.elapsed();
        assert!(waited < Duration::from_secs(2), "{path} took {waited:?}");
    }
    let grown = node.memory().saturating_sub(memory);
    let grown = usize::try_from(grown).unwrap();
    println!("{most_open} were open at once, and took {grown} bytes");
    assert!(most_open > count / 10, "{most_open} were open at once");
    let open = most_open - files;
    assert!(grown < MOST_OF_ONE * open, "{open} took {grown} bytes");

    // They stay here, and are let go of there.
    within(Duration::from_secs(25), "they are hung up on", || async {
        (node.open_files() < files + 20).then_some(())
    })
    .await;
    drop(idle);
    stage.remove().await;
}
