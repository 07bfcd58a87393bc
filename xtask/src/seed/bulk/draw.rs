use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// Chance that comes out the same on every machine: PCG's numbers, and whole-number arithmetic on
/// them only.
pub(crate) struct Draw(Pcg64Mcg);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// One of 0 … `limit` − 1; 0 when there is none.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let scaled = u128::from(self.0.next_u64()) * u128::from(limit);
        u64::try_from(scaled >> 64).unwrap_or(0)
    }

    /// One of 1 … `most`.
    pub(super) fn up_to(&mut self, most: u64) -> u64 {
        1 + self.below(most)
    }

    /// Yes in so many of a hundred cases.
    pub(super) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of `list`, which is not empty.
    pub(super) fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        let index = self.below(list.len() as u64);
        list[usize::try_from(index).unwrap_or(0)]
    }

    /// Eight bytes.
    pub(super) fn bytes(&mut self) -> [u8; 8] {
        self.0.next_u64().to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_stay_what_they_are() {
        let mut draw = Draw::new(1);
        let drawn: Vec<u64> = (0..6).map(|_| draw.below(1_000)).collect();
        assert_eq!(drawn, [856, 137, 470, 726, 369, 557]);
    }

    #[test]
    fn below_reaches_every_number_and_no_other() {
        let mut draw = Draw::new(7);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            seen[usize::try_from(draw.below(5)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|&times| times > 150), "{seen:?}");
        assert_eq!(draw.below(0), 0);
    }
}
