//! F8: fifty people sign in at once while others read pages.
//!
//! Checking a password takes a core for some 15 ms by design. What is compared is how long pages
//! take while the storm lasts, and how long they take without it.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::closed_loop;
use super::http::Connection;
use super::inbox;
use super::page;
use super::people::{self, Person};
use super::percentiles::Percentiles;
use super::report::{Bar, Measure};
use super::{Bench, RowId};

const AT_ONCE: usize = 50;

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let house = bench.small_house().await?;
    let node = house
        .open(&bench.server, &bench.folder.join("storm"))
        .await?;
    let mut connection = Connection::open(&node.address).await?;
    let readers = std::slice::from_ref(&house.people[0]);
    let sides = inbox::long_sides(&mut connection, readers).await?;

    let lanes = page::begin(&mut connection, &sides).await?;
    let calm = page::read(&node, lanes, bench.length()).await?;
    let lanes = page::begin(&mut connection, &sides).await?;
    let mut storm = Ok(Vec::new());
    let raging = async {
        storm = sign_in_at_once(&node.address, &house.people[..AT_ONCE]).await;
    };
    let (_, stormy) = closed_loop::run(&node, lanes, raging).await?;
    let sign_ins = Percentiles::of(storm?);
    node.stop().await?;

    let of = |what, figure| Measure::new(RowId::F8, what, figure, "ms");
    Ok(vec![
        of("page p99 in the storm", stormy.took.p99())
            .against("without it", calm.took.p99())
            .bar(Bar::RatioAtMost(3.0)),
        of("page p50 in the storm", stormy.took.p50()).against("without it", calm.took.p50()),
        of("sign-in p50", sign_ins.p50()),
        of("sign-in longest", sign_ins.longest()),
    ])
}

/// How long each took; none may fail.
async fn sign_in_at_once(address: &str, people: &[Person]) -> anyhow::Result<Vec<Duration>> {
    let mut connections = Vec::with_capacity(people.len());
    for person in people {
        connections.push((Connection::open(address).await?, person.username.clone()));
    }
    let started = Instant::now();
    let mut signing_in = JoinSet::new();
    for (mut connection, name) in connections {
        signing_in.spawn(async move {
            people::sign_one_in(&mut connection, &name).await?;
            anyhow::Ok(started.elapsed())
        });
    }
    signing_in.join_all().await.into_iter().collect()
}
