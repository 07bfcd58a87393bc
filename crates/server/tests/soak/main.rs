//! `cargo xtask soak`: many write, read and follow for as long as one likes, while everything around
//! them breaks at random. It takes too long to be one of the tests, which show each fault once.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot go on says where, whichever function it is in"
)]

/// The servers, their faults, the people and the checker, as the tests have them.
#[path = "../rings/faults"]
#[expect(dead_code, reason = "the tests use more of it")]
mod faults {
    pub(crate) mod chance;
    pub(crate) mod checker;
    pub(crate) mod crowd;
    pub(crate) mod history;
    pub(crate) mod nats_server;
    pub(crate) mod node;
    pub(crate) mod pages;
    pub(crate) mod postgres_server;
    pub(crate) mod proxy;
    pub(crate) mod reader;
    pub(crate) mod stage;
    pub(crate) mod truth;
    pub(crate) mod writer;
    pub(crate) mod writing;
}
mod fault;
mod memory;
mod rounds;
#[path = "../rings/support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the tests use more of it"
)]
mod support;
mod totals;

use std::time::Duration;

use faults::stage::Stage;
use rounds::Soak;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak() {
    let wish = |name| std::env::var(name).expect("run cargo xtask soak");
    let minutes: u64 = wish("SOAK_MINUTES").parse().unwrap();
    let seed: u64 = wish("SOAK_SEED").parse().unwrap();
    let duration = Duration::from_mins(minutes);
    let violations = match wish("SOAK_NODES").as_str() {
        "1" => Soak::on(Stage::single().await).run(seed, duration).await,
        "2" => {
            let stage = Stage::cluster_on_own_postgres().await;
            Soak::on(stage).run(seed, duration).await
        }
        other => panic!("{other} nodes: one or two"),
    };
    assert_eq!(violations, 0);
}
