//! F4 and F5: from the moment a message was to be sent until the other member's stream tells it.
//!
//! One thousand people have a stream open each. Messages go between random pairs of them at a
//! fixed pace, whatever became of those before; most pairs have never written before, so a
//! conversation is made too. On two nodes every message crosses: its sender is on one of them and
//! its recipient on the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::{Clock, Ids, RandomIds, SystemClock};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::arrivals::{Arrivals, Listening};
use super::http::Pool;
use super::node::Node;
use super::people::{self, Person};
use super::percentiles::Percentiles;
use super::report::{Bar, Measure};
use super::sending::request_json;
use super::stored::{self, Acknowledged};
use super::{Bench, PEOPLE, RowId, house, number, open_loop, per};
use crate::seed::{self, Draw};
use crate::services::{Nats, Postgres};

const SENDS_A_SECOND: u32 = 200;
/// Sends before those that count, while connections and statements are made.
const WARM_UP: Duration = Duration::from_secs(2);
/// Every half minute all streams look into the store; two such looks fall into this.
const LENGTH: Duration = Duration::from_secs(65);
const QUICK_LENGTH: Duration = Duration::from_secs(6);
/// How long after the last send an event may come.
const PATIENCE: Duration = Duration::from_secs(10);

/// F4.
pub(super) async fn on_one_node(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let house = bench.small_house().await?;
    let folder = bench.folder.join("delivery");
    let node = house.open(&bench.server, &folder).await?;
    let delivered = Delivery::new(vec![node], house.people.clone())
        .run(length(bench))
        .await?;
    Ok(delivered.measures(RowId::F4, Some(2.0), 10.0))
}

/// F5.
pub(super) async fn on_two_nodes(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let postgres = Postgres::start(&bench.folder.join("delivery-postgres")).await?;
    let nats = Nats::start(&bench.folder.join("delivery-nats")).await?;
    let (url, broker) = (postgres.url(), nats.url());
    house::fill(&url, seed::Plan::new(PEOPLE, 0, 0, 1)?).await?;
    let mut nodes = Vec::new();
    for _ in 0..2 {
        nodes.push(Node::serve(&bench.server, &url, Some(&broker), &bench.folder).await?);
    }
    let people = people::sign_in(&nodes[0].address, PEOPLE).await?;
    let delivered = Delivery::new(nodes, people).run(length(bench)).await?;
    Ok(delivered.measures(RowId::F5, None, 20.0))
}

fn length(bench: &Bench) -> Duration {
    if bench.quick { QUICK_LENGTH } else { LENGTH }
}

/// People on one or more nodes, each at the node of their number.
struct Delivery {
    nodes: Vec<Node>,
    pools: Vec<Arc<Pool>>,
    people: Vec<Person>,
    draw: Draw,
}

/// A send that was answered.
struct Sent {
    client_id: Uuid,
    from: usize,
    to: usize,
    due: Instant,
    answered: Instant,
    counts: bool,
}

/// What came of it.
struct Delivered {
    delivery: Percentiles,
    answer: Percentiles,
    /// Microseconds of all servers, for each message.
    cpu: f64,
    /// Events that came again, in a thousand.
    again: f64,
}

impl Delivery {
    fn new(nodes: Vec<Node>, people: Vec<Person>) -> Self {
        let pools = nodes.iter().map(|node| Arc::new(Pool::of(&node.address)));
        Self {
            pools: pools.collect(),
            nodes,
            people,
            draw: Draw::new(1),
        }
    }

    async fn run(mut self, length: Duration) -> anyhow::Result<Delivered> {
        let places = self.people.iter().enumerate().map(|(number, person)| {
            let address = self.nodes[self.node_of(number)].address.clone();
            (person.clone(), address)
        });
        let (arrivals, mut listening) = (Arrivals::default(), Listening::default());
        arrivals.listen(people::open_streams(places).await?, &mut listening);

        let warm_up = sends_in(WARM_UP);
        let mut moments = open_loop::pace(SENDS_A_SECOND, warm_up + sends_in(length));
        let (mut sending, mut started, mut before) = (JoinSet::new(), 0, Duration::ZERO);
        while let Some(due) = moments.recv().await {
            if started == warm_up {
                before = self.cpu()?;
            }
            sending.spawn(self.send(due, started >= warm_up));
            started += 1;
        }
        let mut sent = Vec::new();
        while let Some(one) = sending.join_next().await {
            sent.push(one??);
        }
        arrivals.wait_for(2 * sent.len(), PATIENCE).await?;
        let cpu = self.cpu()?.saturating_sub(before);
        listening.all_is_well()?;

        let delivered = evaluate(&arrivals, &sent, cpu)?;
        let acknowledged = sent.iter().map(|one| self.acknowledged(one)).collect();
        stored::exactly_once(&self.nodes[0].address, acknowledged).await?;
        drop(listening);
        for node in self.nodes {
            node.stop().await?;
        }
        Ok(delivered)
    }

    /// One message between two that chance takes, of different nodes where there are several.
    fn send(
        &mut self,
        due: Instant,
        counts: bool,
    ) -> impl Future<Output = anyhow::Result<Sent>> + Send + 'static {
        let (from, to) = self.pair();
        let client_id = RandomIds.uuid(SystemClock.now());
        let recipient = &self.people[to].username;
        let request = request_json(&self.people[from], recipient, client_id);
        let pool = Arc::clone(&self.pools[self.node_of(from)]);
        async move {
            let mut connection = pool.take().await?;
            let answer = connection.ask(&request).await?;
            let answered = Instant::now();
            let answer = answer.expect(201).context("a message was not taken")?;
            let is_ours = answer.body.contains(&client_id.to_string());
            ensure!(is_ours, "the answer is about another message");
            pool.put(connection);
            Ok(Sent {
                client_id,
                from,
                to,
                due,
                answered,
                counts,
            })
        }
    }

    fn pair(&mut self) -> (usize, usize) {
        let nodes = self.nodes.len();
        loop {
            let everybody = self.people.len() as u64;
            let mut one = || usize::try_from(self.draw.below(everybody)).unwrap_or(0);
            let (from, to) = (one(), one());
            if from != to && (nodes == 1 || from % nodes != to % nodes) {
                return (from, to);
            }
        }
    }

    fn node_of(&self, person: usize) -> usize {
        person % self.nodes.len()
    }

    fn cpu(&self) -> anyhow::Result<Duration> {
        self.nodes.iter().map(Node::cpu).sum()
    }

    fn acknowledged(&self, sent: &Sent) -> Acknowledged {
        Acknowledged {
            client_id: sent.client_id,
            from: self.people[sent.from].clone(),
            to: self.people[sent.to].clone(),
        }
    }
}

fn sends_in(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX) * SENDS_A_SECOND
}

/// # Errors
/// When a message did not arrive at one of its two members, or arrived at anybody else.
fn evaluate(arrivals: &Arrivals, sent: &[Sent], cpu: Duration) -> anyhow::Result<Delivered> {
    let mut seen = arrivals.take();
    let (mut delivery, mut answer, mut again) = (Vec::new(), Vec::new(), 0);
    for one in sent {
        let mut arrival = |person: usize| {
            let arrival = seen.remove(&(one.client_id, person));
            arrival.with_context(|| format!("{} did not arrive", one.client_id))
        };
        let (here, there) = (arrival(one.from)?, arrival(one.to)?);
        again += here.times + there.times - 2;
        if one.counts {
            delivery.push(there.at - one.due);
            answer.push(one.answered - one.due);
        }
    }
    ensure!(seen.is_empty(), "{} events came to others", seen.len());
    Ok(Delivered {
        cpu: per(cpu, delivery.len()),
        again: f64::from(again) * 1_000.0 / number(2 * sent.len()),
        delivery: Percentiles::of(delivery),
        answer: Percentiles::of(answer),
    })
}

impl Delivered {
    fn measures(&self, row: RowId, p50: Option<f64>, p99: f64) -> Vec<Measure> {
        let of = |what, figure, unit| Measure::new(row, what, figure, unit);
        let median = of("delivery p50", self.delivery.p50(), "ms");
        vec![
            match p50 {
                Some(most) => median.bar(Bar::AtMost(most)),
                None => median,
            },
            of("delivery p99", self.delivery.p99(), "ms").bar(Bar::AtMost(p99)),
            of("delivery longest", self.delivery.longest(), "ms"),
            of("acknowledged p50", self.answer.p50(), "ms"),
            of("acknowledged p99", self.answer.p99(), "ms"),
            of("CPU a delivery", self.cpu, "µs"),
            of("told again of 1000", self.again, ""),
        ]
    }
}
