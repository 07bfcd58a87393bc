//! Plain numbers that a component counts about itself, for whoever operates it. They decide
//! nothing, and counting costs one atomic addition.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often something has happened since the program started.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// It happened once more.
    pub fn increment(&self) {
        self.add(1);
    }

    /// It happened so many times more.
    pub fn add(&self, times: u64) {
        self.0.fetch_add(times, Ordering::Relaxed);
    }

    /// How often until now.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How large the values of something were since the program started: how many lay at or below each
/// of some bounds.
#[derive(Debug)]
pub struct Distribution {
    bounds: &'static [u64],
    /// One for each bound, and one for what lies beyond.
    counts: Box<[Counter]>,
    sum: Counter,
}

/// A [`Distribution`] as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distributed {
    /// Each bound with how many values lay at or below it and above the one before.
    pub buckets: Vec<(u64, u64)>,
    /// How many there were, those beyond the last bound too.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
}

impl Distribution {
    /// Of nothing yet. The bounds ascend.
    #[must_use]
    pub fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| Counter::default()).collect(),
            sum: Counter::default(),
        }
    }

    /// There was one more value.
    pub fn observe(&self, value: u64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        self.counts[at].increment();
        self.sum.add(value);
    }

    /// As it is now. What is observed meanwhile may be in the sum and not yet in a bucket.
    #[must_use]
    pub fn get(&self) -> Distributed {
        let counts: Vec<u64> = self.counts.iter().map(Counter::get).collect();
        Distributed {
            count: counts.iter().sum(),
            sum: self.sum.get(),
            buckets: self.bounds.iter().copied().zip(counts).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_at_the_first_bound_that_it_does_not_exceed() {
        let distribution = Distribution::new(&[1, 10]);
        for value in [0, 1, 2, 10, 11, 500] {
            distribution.observe(value);
        }
        let expected = Distributed {
            buckets: vec![(1, 2), (10, 2)],
            count: 6,
            sum: 524,
        };
        assert_eq!(distribution.get(), expected);
    }
}
