//! F1: the page of a conversation, its newest fifty messages and the beginning of the inbox.
//!
//! Over and over the same sixteen pages, which a server may have kept; and then pages that it
//! cannot have kept, since each is asked for once and has a new message. The reference is a page
//! of the same length that is nothing but bytes, from the same kind of server in its own process.

use std::env;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use domain::{Clock, Ids, RandomIds, SystemClock};
use tokio::process::Command;
use tokio::time::sleep;

use super::closed_loop::{self, Answered, LANES, Lane};
use super::http::{Answer, Connection, Request};
use super::inbox::{self, Side};
use super::node::Node;
use super::people::in_lanes;
use super::reading::{Reading, ReadingOnce};
use super::report::{Bar, Measure};
use super::sending::request_json;
use super::stored::text_of;
use super::{Bench, RowId, number};
use crate::seed::Draw;

/// Before what counts, while connections and statements are made.
const WARM_UP: Duration = Duration::from_millis(500);
/// So many pages are read that were never read before.
const NEW_PAGES: usize = 10_000;
const QUICK_NEW_PAGES: usize = 500;

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let house = bench.small_house().await?;
    let node = house
        .open(&bench.server, &bench.folder.join("page"))
        .await?;
    let mut connection = Connection::open(&node.address).await?;
    let sides = inbox::long_sides(&mut connection, &house.people).await?;

    ensure!(sides.len() >= LANES, "too few conversations");
    let lanes = begin(&mut connection, &sides).await?;
    let bytes = lanes[0].page.clone();
    let kept = read(&node, lanes, bench.length()).await?;
    let fixed = fixed(bench, bytes.clone()).await?;
    let new = read_new(
        &node,
        sides,
        if bench.quick {
            QUICK_NEW_PAGES
        } else {
            NEW_PAGES
        },
    )
    .await?;
    node.stop().await?;

    let of = |what, figure, unit| Measure::new(RowId::F1, what, figure, unit);
    Ok(vec![
        of("CPU a page", kept.cpu, "µs")
            .against("static", fixed.cpu)
            .bar(Bar::AtMost(100.0)),
        of("pages", kept.rate, "/s")
            .against("static", fixed.rate)
            .bar(Bar::RatioAtLeast(0.2)),
        of("page p99", kept.took.p99(), "ms").against("static", fixed.took.p99()),
        of("CPU a page never read before", new, "µs").bar(Bar::AtMost(150.0)),
        of("length of the page", number(bytes.len()), "bytes"),
    ])
}

/// Lanes for the first pages there are, each looked at closely. Where there are fewer pages than
/// lanes, some read the same one.
pub(super) async fn begin(
    connection: &mut Connection,
    sides: &[Side],
) -> anyhow::Result<Vec<Reading>> {
    ensure!(!sides.is_empty(), "too few conversations");
    let mut lanes = Vec::with_capacity(LANES);
    for side in sides.iter().cycle().take(LANES) {
        lanes.push(Reading::begin(connection, side).await?);
    }
    Ok(lanes)
}

/// Runs the lanes for so long, after a warm-up.
pub(super) async fn read<L: Lane>(
    node: &Node,
    lanes: Vec<L>,
    length: Duration,
) -> anyhow::Result<Answered> {
    let (lanes, _) = closed_loop::run(node, lanes, sleep(WARM_UP)).await?;
    let (_, answered) = closed_loop::run(node, lanes, sleep(length)).await?;
    Ok(answered)
}

/// Microseconds for a page that was never read: a message is sent in every conversation, which
/// does not count, and then both its sides are read, which does; and so on.
async fn read_new(node: &Node, sides: Vec<Side>, how_many: usize) -> anyhow::Result<f64> {
    let (mut draw, mut read, mut cpu) = (Draw::new(1), 0, 0.0);
    while read < how_many {
        let mut pages = send_in_all(node, &sides).await?;
        let round = pages.len();
        let mut lanes: Vec<ReadingOnce> = (0..LANES).map(|_| ReadingOnce(Vec::new())).collect();
        while !pages.is_empty() {
            let chosen = usize::try_from(draw.below(pages.len() as u64))?;
            let page = pages.swap_remove(chosen);
            lanes[pages.len() % LANES].0.push(page);
        }
        let never = std::future::pending();
        let (_, answered) = closed_loop::run(node, lanes, never).await?;
        cpu += answered.cpu * number(round);
        read += round;
    }
    Ok(cpu / number(read))
}

/// Gives each side with the text of the newest message of its conversation.
async fn send_in_all(node: &Node, sides: &[Side]) -> anyhow::Result<Vec<(Side, String)>> {
    let address: Arc<str> = node.address.as_str().into();
    // Of the two sides of a conversation, the one sends that comes first by name.
    let senders = sides
        .iter()
        .filter(|side| *side.reader.username < *side.with);
    let sent = in_lanes(senders.cloned().collect(), move |sides| {
        let address = Arc::clone(&address);
        async move {
            let mut connection = Connection::open(&address).await?;
            let mut sent = Vec::with_capacity(sides.len());
            for side in sides {
                let id = RandomIds.uuid(SystemClock.now());
                let request = request_json(&side.reader, &side.with, id);
                connection.ask(&request).await?.expect(201)?;
                sent.push((side, text_of(id)));
            }
            Ok(sent)
        }
    })
    .await?;
    let other_side = |sent: &(Side, String)| {
        let other = sides.iter().find(|side| {
            *side.reader.username == *sent.0.with && side.with == *sent.0.reader.username
        });
        other.map(|side| (side.clone(), sent.1.clone()))
    };
    let others: Vec<_> = sent.iter().filter_map(other_side).collect();
    Ok([sent, others].concat())
}

/// The reference.
async fn fixed(bench: &Bench, page: String) -> anyhow::Result<Answered> {
    let folder = bench.folder.join("static");
    fs::create_dir(&folder)?;
    let file = folder.join("page.html");
    fs::write(&file, &page)?;
    let mut command = Command::new(env::current_exe()?);
    command.arg("static-page").arg(file);
    let node = Node::start(command, "/", &folder).await?;
    let page: Arc<str> = page.into();
    let lanes = (0..LANES).map(|_| Fixed {
        request: Arc::new(Request::get("/", "")),
        page: Arc::clone(&page),
    });
    let answered = read(&node, lanes.collect(), bench.length()).await?;
    node.stop().await?;
    Ok(answered)
}

struct Fixed {
    request: Arc<Request>,
    page: Arc<str>,
}

impl Lane for Fixed {
    fn next(&mut self) -> Option<Arc<Request>> {
        Some(Arc::clone(&self.request))
    }

    fn check(&mut self, answer: Answer<'_>) -> anyhow::Result<()> {
        ensure!(answer.expect(200)?.body == &*self.page, "other bytes");
        Ok(())
    }
}
