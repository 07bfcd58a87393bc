use crate::faults::stage::Stage;

/// A quarter more is still called flat: what is kept for reuse is not the same each time.
const FLAT: u64 = 125;

/// What a node needed after each round, in bytes.
#[derive(Default)]
pub(crate) struct Memory(Vec<u64>);

impl Memory {
    /// Of the last node, which is never ended when there are two.
    pub(crate) fn sample<const NODES: usize>(&mut self, stage: &Stage<NODES>) {
        self.0.push(stage.nodes[NODES - 1].memory());
    }

    /// The mean of the second quarter of all rounds and of the last one, once there are enough.
    pub(crate) fn quarters(&self) -> Option<[u64; 2]> {
        let quarter = self.0.len() / 4;
        let of = |nth: usize| {
            let samples = &self.0[nth * quarter..(nth + 1) * quarter];
            samples.iter().sum::<u64>() / quarter as u64
        };
        (quarter >= 2).then(|| [of(1), of(3)])
    }

    /// Whether the last quarter of the time needed no more than the second.
    pub(crate) fn is_flat(&self) -> bool {
        let quarters = self.quarters();
        quarters.is_none_or(|[second, last]| last * 100 <= second * FLAT)
    }
}
