use std::time::Duration;

/// How long things took, in order.
pub(super) struct Percentiles(Vec<Duration>);

impl Percentiles {
    pub(super) fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// In milliseconds, the shortest time within which so many of a thousand were done (nearest
    /// rank); 0 of nothing.
    pub(super) fn per_mille(&self, share: usize) -> f64 {
        let rank = (self.0.len() * share).div_ceil(1_000);
        let took = self.0.get(rank.saturating_sub(1));
        took.copied().unwrap_or_default().as_secs_f64() * 1_000.0
    }

    /// The middle one, in milliseconds.
    pub(super) fn p50(&self) -> f64 {
        self.per_mille(500)
    }

    /// In milliseconds.
    pub(super) fn p99(&self) -> f64 {
        self.per_mille(990)
    }

    /// The longest, in milliseconds.
    pub(super) fn longest(&self) -> f64 {
        self.per_mille(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(all: impl IntoIterator<Item = u64>) -> Percentiles {
        Percentiles::of(all.into_iter().map(Duration::from_millis).collect())
    }

    fn is(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn a_percentile_is_one_of_the_times_and_enough_are_within_it() {
        let hundred = millis((1..=100).rev());
        is(hundred.p50(), 50.0);
        is(hundred.p99(), 99.0);
        is(hundred.longest(), 100.0);
        // Of 101, 99 would be too few.
        is(millis(1..=101).p99(), 100.0);
    }

    #[test]
    fn of_one_every_percentile_is_it_and_of_none_there_is_none() {
        is(millis([7]).p50(), 7.0);
        is(millis([7]).p99(), 7.0);
        is(millis([]).p99(), 0.0);
    }
}
