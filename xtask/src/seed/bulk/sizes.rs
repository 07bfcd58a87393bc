/// How many messages each conversation has, the largest first: one each, and of the rest a share
/// that goes down with the rank *k* as k^(−9/8).
///
/// With 200,000 conversations the first has 14 % of all messages, the first ten 37 %, the first
/// hundred 58 %; with 10 million messages that is 1.4 million in the first, and 1 to 5 in three
/// of five others. Whole numbers only, so that every machine has the same.
pub(super) struct Sizes {
    conversations: u32,
    extra: u64,
    total_weight: u128,
    rank: u32,
    weight_so_far: u128,
}

impl Sizes {
    /// `messages` in all, not fewer than `conversations`.
    pub(super) fn new(conversations: u32, messages: u64) -> Self {
        Self {
            conversations,
            extra: messages - u64::from(conversations),
            total_weight: (1..=conversations).map(weight).sum(),
            rank: 0,
            weight_so_far: 0,
        }
    }

    /// How many of the extra messages go to the conversations up to here.
    fn given(&self) -> u64 {
        let given = u128::from(self.extra) * self.weight_so_far / self.total_weight;
        u64::try_from(given).unwrap_or(self.extra)
    }
}

impl Iterator for Sizes {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.rank == self.conversations {
            return None;
        }
        self.rank += 1;
        let before = self.given();
        self.weight_so_far += weight(self.rank);
        Some(1 + self.given() - before)
    }
}

/// 2⁵⁰ · k^(−9/8), near enough.
fn weight(rank: u32) -> u128 {
    let eighth_root = (u128::from(rank) << 96).isqrt().isqrt().isqrt();
    (1 << 62) / (u128::from(rank) * eighth_root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_go_down_to_one_and_add_up() {
        for (conversations, messages) in [(0, 0), (1, 7), (10, 10), (1_000, 100_003)] {
            let sizes: Vec<u64> = Sizes::new(conversations, messages).collect();
            assert_eq!(sizes.len(), conversations as usize);
            assert_eq!(sizes.iter().sum::<u64>(), messages);
            assert!(sizes.iter().all(|&size| size >= 1));
        }
    }

    #[test]
    fn a_benchmark_gets_a_conversation_of_a_million_and_mostly_small_ones() {
        let sizes: Vec<u64> = Sizes::new(200_000, 10_000_000).collect();
        let share = |first: usize| sizes[..first].iter().sum::<u64>() / 100_000;
        assert_eq!([share(1), share(10), share(100)], [14, 37, 58]);
        let small = sizes.iter().filter(|&&size| size <= 5).count();
        assert_eq!(small / 10_000, 12);
    }
}
