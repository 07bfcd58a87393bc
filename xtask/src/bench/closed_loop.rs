use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::http::{Answer, Connection, Request};
use super::node::Node;
use super::percentiles::Percentiles;
use super::{number, per};

/// So many connections are in use at once wherever a row says nothing else.
pub(super) const LANES: usize = 16;

/// What one connection asks, one after the other, each as soon as it has the answer before.
pub(super) trait Lane: Send + 'static {
    /// The next request; `None` when there is nothing more to ask.
    fn next(&mut self) -> Option<Arc<Request>>;

    /// Looks at the answer to it.
    ///
    /// # Errors
    /// When the answer is wrong, which fails the row.
    fn check(&mut self, answer: Answer<'_>) -> anyhow::Result<()>;
}

/// What came of it.
pub(super) struct Answered {
    /// Answers a second.
    pub(super) rate: f64,
    /// Microseconds of the server for each.
    pub(super) cpu: f64,
    pub(super) took: Percentiles,
}

/// Runs the lanes until `until` is done, or each has asked everything.
pub(super) async fn run<L: Lane>(
    node: &Node,
    lanes: Vec<L>,
    until: impl Future<Output = ()>,
) -> anyhow::Result<(Vec<L>, Answered)> {
    let mut connected = Vec::with_capacity(lanes.len());
    for lane in lanes {
        connected.push((Connection::open(&node.address).await?, lane));
    }
    let (before, started) = (node.cpu()?, Instant::now());
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for (connection, lane) in connected {
        running.spawn(follow(connection, lane, Arc::clone(&stop)));
    }
    let mut all_ended = pin!(running.join_all());
    let ended = tokio::select! {
        ended = &mut all_ended => ended,
        () = until => {
            stop.store(true, Ordering::Relaxed);
            all_ended.await
        }
    };
    let (elapsed, cpu) = (started.elapsed(), node.cpu()?.saturating_sub(before));

    let (mut lanes, mut took) = (Vec::new(), Vec::new());
    for outcome in ended {
        let (lane, times) = outcome?;
        lanes.push(lane);
        took.extend(times);
    }
    let answered = Answered {
        rate: number(took.len()) / elapsed.as_secs_f64(),
        cpu: per(cpu, took.len()),
        took: Percentiles::of(took),
    };
    Ok((lanes, answered))
}

async fn follow<L: Lane>(
    mut connection: Connection,
    mut lane: L,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<(L, Vec<Duration>)> {
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed)
        && let Some(request) = lane.next()
    {
        let asked = Instant::now();
        let answer = connection.ask(&request).await?;
        times.push(asked.elapsed());
        lane.check(answer)?;
    }
    Ok((lane, times))
}
