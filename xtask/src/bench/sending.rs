//! F2 and F3: sending, by form as the page does and by JSON as a program does.
//!
//! Sixteen connections send in turn in a hundred conversations, both members of each. The
//! reference is what the database alone can do: on SQLite a row a commit with the same settings,
//! on PostgreSQL pgbench inserting a row into the same table with the same indexes.

use std::sync::Arc;

use anyhow::{Context, ensure};
use domain::{Clock, Ids, RandomIds, SystemClock};
use serde_json::json;
use uuid::Uuid;

use super::closed_loop::{Answered, LANES, Lane};
use super::http::{Answer, Request, encoded};
use super::node::Node;
use super::people::{self, Person};
use super::report::{Bar, Measure};
use super::stored::{self, Acknowledged, text_of};
use super::{Bench, PEOPLE, RowId, closed_loop, commits, house, pgbench};
use crate::seed;
use crate::services::Postgres;

/// In how many conversations at most.
const CONVERSATIONS: usize = 100;

/// F2.
pub(super) async fn on_sqlite(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let house = bench.small_house().await?;
    let copy = house.copy(&bench.folder.join("commits")).await?;
    let alone = commits::rate(&copy, bench.length()).await?;
    let node = house
        .open(&bench.server, &bench.folder.join("sending"))
        .await?;
    let sent = Sent::measure(&node, &house.people, bench).await?;
    node.stop().await?;

    let of = |what, figure, unit| Measure::new(RowId::F2, what, figure, unit);
    let bar = Bar::RatioAtLeast(1.3);
    Ok(vec![
        of("sends by JSON", sent.json.rate, "/s")
            .against("one-row commits", alone)
            .bar(bar),
        of("sends by form", sent.form.rate, "/s")
            .against("one-row commits", alone)
            .bar(bar),
        of("CPU a send by JSON", sent.json.cpu, "µs").bar(Bar::AtMost(120.0)),
        of("CPU a send by form", sent.form.cpu, "µs").bar(Bar::AtMost(120.0)),
        of("send by JSON p99", sent.json.took.p99(), "ms"),
        of("send by form p99", sent.form.took.p99(), "ms"),
    ])
}

/// F3.
pub(super) async fn on_postgres(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let folder = bench.folder.join("sending-postgres");
    let postgres = Postgres::start(&folder).await?;
    let url = postgres.url();
    let plan = seed::Plan::new(PEOPLE, super::CONVERSATIONS, super::MESSAGES, 1)?;
    house::fill(&url, plan).await?;
    let node = Node::serve(&bench.server, &url, None, &bench.folder).await?;
    let people = u32::try_from(2 * CONVERSATIONS)?;
    let people = people::sign_in(&node.address, people).await?;
    let sent = Sent::measure(&node, &people, bench).await?;
    node.stop().await?;
    let alone = pgbench::rate(&url, LANES, bench.length(), &bench.folder).await?;

    let of = |what, figure, unit| Measure::new(RowId::F3, what, figure, unit);
    let bar = Bar::RatioAtLeast(0.35);
    Ok(vec![
        of("sends by JSON", sent.json.rate, "/s")
            .against("pgbench", alone)
            .bar(bar),
        of("sends by form", sent.form.rate, "/s")
            .against("pgbench", alone)
            .bar(bar),
        of("CPU a send by JSON", sent.json.cpu, "µs"),
        of("CPU a send by form", sent.form.cpu, "µs"),
        of("send by JSON p99", sent.json.took.p99(), "ms"),
        of("send by form p99", sent.form.took.p99(), "ms"),
    ])
}

struct Sent {
    json: Answered,
    form: Answered,
}

impl Sent {
    /// Both ways, one after the other; then everything is read back.
    async fn measure(node: &Node, people: &[Person], bench: &Bench) -> anyhow::Result<Self> {
        ensure!(people.len() >= 2 * CONVERSATIONS, "too few people");
        let (mut acknowledged, mut answered) = (Vec::new(), Vec::new());
        for way in [Way::Json, Way::Form] {
            let (more, figures) = send(node, people, way, bench).await?;
            acknowledged.extend(more);
            answered.push(figures);
        }
        stored::exactly_once(&node.address, acknowledged).await?;
        let form = answered.pop().context("nothing was sent")?;
        let json = answered.pop().context("nothing was sent")?;
        Ok(Self { json, form })
    }
}

/// How a message is sent.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// By a program, to the API.
    Json,
    /// By the form on the page, with htmx.
    Form,
}

/// Sends for as long as a measurement takes, after a warm-up, and says what was acknowledged.
pub(super) async fn send(
    node: &Node,
    people: &[Person],
    way: Way,
    bench: &Bench,
) -> anyhow::Result<(Vec<Acknowledged>, Answered)> {
    let lanes = lanes(people, way)?;
    let warm_up = tokio::time::sleep(bench.length() / 5);
    let (lanes, _) = closed_loop::run(node, lanes, warm_up).await?;
    let length = tokio::time::sleep(bench.length());
    let (lanes, answered) = closed_loop::run(node, lanes, length).await?;
    let acknowledged = lanes.into_iter().flat_map(|lane| lane.acknowledged);
    Ok((acknowledged.collect(), answered))
}

/// Lanes in which the first two people write to each other, the next two, and so on.
pub(super) fn lanes(people: &[Person], way: Way) -> anyhow::Result<Vec<Sending>> {
    let pairs: Arc<[(Person, Person)]> = people
        .chunks_exact(2)
        .take(CONVERSATIONS)
        .map(|two| (two[0].clone(), two[1].clone()))
        .collect();
    ensure!(!pairs.is_empty(), "too few people");
    let lanes = (0..LANES).map(|lane| Sending {
        way,
        pairs: Arc::clone(&pairs),
        turn: lane * pairs.len() / LANES,
        under_way: None,
        acknowledged: Vec::new(),
    });
    Ok(lanes.collect())
}

/// Messages, one after the other, each to another person.
pub(super) struct Sending {
    way: Way,
    pairs: Arc<[(Person, Person)]>,
    turn: usize,
    under_way: Option<Acknowledged>,
    pub(super) acknowledged: Vec<Acknowledged>,
}

impl Lane for Sending {
    fn next(&mut self) -> Option<Arc<Request>> {
        let (a, b) = &self.pairs[self.turn % self.pairs.len()];
        let is_back = self.turn / self.pairs.len() % 2 == 1;
        let (from, to) = if is_back { (b, a) } else { (a, b) };
        self.turn += 1;
        let client_id = RandomIds.uuid(SystemClock.now());
        let request = match self.way {
            Way::Json => request_json(from, &to.username, client_id),
            Way::Form => request_form(from, &to.username, client_id),
        };
        self.under_way = Some(Acknowledged {
            client_id,
            from: from.clone(),
            to: to.clone(),
        });
        Some(Arc::new(request))
    }

    fn check(&mut self, answer: Answer<'_>) -> anyhow::Result<()> {
        let status = match self.way {
            Way::Json => 201,
            Way::Form => 200,
        };
        let answer = answer.expect(status)?;
        let sent = self.under_way.take().context("nothing was sent")?;
        let is_ours = answer.body.contains(&text_of(sent.client_id));
        ensure!(is_ours, "the answer is about another message");
        self.acknowledged.push(sent);
        Ok(())
    }
}

/// A message as a program sends it.
pub(super) fn request_json(from: &Person, to: &str, client_id: Uuid) -> Request {
    let path = format!("/api/v1/conversations/{}/messages", encoded(to));
    let body = json!({ "body": text_of(client_id), "client_id": client_id });
    Request::post_json(&path, &from.cookie, &body.to_string())
}

fn request_form(from: &Person, to: &str, client_id: Uuid) -> Request {
    let path = format!("/conversations/{}/messages", encoded(to));
    let (body, client_id) = (text_of(client_id), client_id.to_string());
    let fields = [("body", body.as_str()), ("client_id", client_id.as_str())];
    Request::post_form(&path, &from.cookie, &fields)
}
