//! F7 and F10: the same requests on much more data, and how long a server takes to start on it.
//!
//! The reader is in one of twenty conversations, the largest among them. What is compared is the
//! processor time of the server for the same requests on the small data set.

use std::sync::Arc;

use anyhow::ensure;

use super::closed_loop::{LANES, Lane};
use super::http::{Answer, Connection, Request};
use super::node::Node;
use super::people::Person;
use super::report::{Bar, Measure};
use super::{Bench, RowId, house::House, inbox, page, sending, stored};

/// How often a server is started; the middle one counts.
const STARTS: usize = 5;

/// F7.
pub(super) async fn measure(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let small = costs(bench, bench.small_house().await?, "growth-small").await?;
    let big = costs(bench, bench.big_house().await?, "growth-big").await?;
    let measures = small.into_iter().zip(big).map(|((what, small), (_, big))| {
        Measure::new(RowId::F7, what, big, "µs")
            .against("on little data", small)
            .bar(Bar::RatioAtMost(1.3))
    });
    Ok(measures.collect())
}

/// F10.
pub(super) async fn start(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let house = bench.big_house().await?;
    let folder = bench.folder.join("starts");
    std::fs::create_dir(&folder)?;
    let mut took = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let node = Node::serve(&bench.server, &house.url(), None, &folder).await?;
        took.push(node.start.as_secs_f64());
        node.stop().await?;
    }
    took.sort_unstable_by(f64::total_cmp);
    let of = |what, figure| Measure::new(RowId::F10, what, figure, "s");
    Ok(vec![
        of("start until ready", took[STARTS / 2]).bar(Bar::AtMost(0.3)),
        of("longest start", took[STARTS - 1]),
    ])
}

/// Microseconds of the server for each of several requests.
async fn costs(
    bench: &Bench,
    house: &House,
    folder: &str,
) -> anyhow::Result<Vec<(&'static str, f64)>> {
    let folder = bench.folder.join(folder);
    let node = house.open(&bench.server, &folder).await?;
    let reader = &house.people[0];
    let mut connection = Connection::open(&node.address).await?;
    let sides = inbox::long_sides(&mut connection, std::slice::from_ref(reader)).await?;

    let mut costs = Vec::new();
    let lanes = page::begin(&mut connection, &sides).await?;
    costs.push((
        "CPU a page",
        page::read(&node, lanes, bench.length()).await?.cpu,
    ));
    for (what, path, entries) in [
        ("CPU the inbox", "/conversations", 50),
        ("CPU the directory", "/users", 50),
        ("CPU a search", "/users?q=mar", 1),
        ("CPU a search for two words", "/users?q=an+sm", 1),
    ] {
        let lists = (0..LANES).map(|_| Listing::of(reader, path, entries));
        let answered = page::read(&node, lists.collect(), bench.length()).await?;
        costs.push((what, answered.cpu));
    }
    let json = sending::Way::Json;
    let (acknowledged, sent) = sending::send(&node, &house.people, json, bench).await?;
    costs.push(("CPU a send", sent.cpu));
    stored::exactly_once(&node.address, acknowledged).await?;
    node.stop().await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(costs)
}

/// A list of people or conversations, again and again.
struct Listing {
    request: Arc<Request>,
    /// So many entries at least.
    entries: usize,
}

impl Listing {
    fn of(reader: &Person, path: &str, entries: usize) -> Self {
        Self {
            request: Arc::new(Request::get(path, &reader.cookie)),
            entries,
        }
    }
}

impl Lane for Listing {
    fn next(&mut self) -> Option<Arc<Request>> {
        Some(Arc::clone(&self.request))
    }

    fn check(&mut self, answer: Answer<'_>) -> anyhow::Result<()> {
        let page = answer.expect(200)?.body;
        let entries = page.matches("<a class=\"entry\"").count();
        ensure!(entries >= self.entries, "a list of {entries}");
        Ok(())
    }
}
