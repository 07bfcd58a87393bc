use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::fault::Fault;
use crate::faults::chance::Chance;
use crate::faults::crowd::Crowd;
use crate::faults::stage::Stage;
use crate::memory::Memory;
use crate::totals::Totals;

const SENDERS: usize = 16;
/// How many faults there are in a round, one after the other.
const FAULTS: usize = 4;

/// Rounds with new people each, on the same servers.
pub(crate) struct Soak<const NODES: usize> {
    stage: Stage<NODES>,
    totals: Totals,
    memory: Memory,
}

impl<const NODES: usize> Soak<NODES> {
    pub(crate) fn on(stage: Stage<NODES>) -> Self {
        let (totals, memory) = (Totals::default(), Memory::default());
        Self {
            stage,
            totals,
            memory,
        }
    }

    /// One round after the other for so long, each with a seed of its own: that of the first one is
    /// `seed`, and one more each time, so that a round can be had again by itself. Says what it
    /// does, and gives how many promises were broken.
    pub(crate) async fn run(mut self, seed: u64, duration: Duration) -> usize {
        let end = Instant::now() + duration;
        for seed in seed.. {
            self.round(seed).await;
            if Instant::now() >= end {
                break;
            }
        }
        if !self.memory.is_flat() {
            println!("memory is not flat");
            self.totals.violations += 1;
        }
        println!("{}", self.totals);
        if let Some(quarters) = self.memory.quarters() {
            let [second, last] = quarters.map(mib);
            println!("memory:            {second} in the second quarter, {last} in the last");
        }
        self.stage.remove().await;
        self.totals.violations
    }

    async fn round(&mut self, seed: u64) {
        let mut chance = Chance::of(seed);
        let name = format!("crowd{}", self.totals.rounds);
        let (database, doors) = (self.stage.database.url(), self.stage.doors());
        let crowd = Crowd::gather(&name, &database, &doors, SENDERS, chance.seed()).await;
        let mut kinds = Vec::new();
        for _ in 0..FAULTS {
            crowd.goes_on_for(SENDERS).await;
            sleep(chance.between(Duration::ZERO, Duration::from_secs(1))).await;
            let fault = Fault::draw(&self.stage, &mut chance);
            kinds.push(fault.kind());
            *self.totals.faults.entry(fault.kind()).or_default() += 1;
            if let Some(wrong) = fault.happen(&mut self.stage, &mut chance).await {
                println!("  violation: {fault:?}: {wrong}");
                self.totals.violations += 1;
            }
        }
        crowd.goes_on_for(SENDERS).await;
        let verdict = crowd.verdict(&database).await;
        self.memory.sample(&self.stage);
        let memory = mib(self.stage.nodes[NODES - 1].memory());
        println!("seed {seed}: {}; {verdict}; {memory}", kinds.join(", "));
        for violation in verdict.violations.iter().take(10) {
            println!("  violation: {violation:?}");
        }
        self.totals.rounds += 1;
        self.totals.add(&verdict);
    }
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}
