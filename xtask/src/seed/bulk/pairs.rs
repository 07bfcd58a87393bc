use super::draw::Draw;
use super::plan::pairs_of;

/// Which two people each conversation is between; every pair at most once.
///
/// The first person is in one conversation of twenty, the first (and largest) among them, as far
/// as there are others enough: with 100,000 people and 200,000 conversations they have 10,000.
/// All others come about equally often.
pub(super) struct Pairs {
    conversations: u64,
    of_the_first: u64,
    rank: u64,
    first_with: Scatter,
    others: Scatter,
}

impl Pairs {
    /// `conversations` is at most [`pairs_of`] the people.
    pub(super) fn new(people: u32, conversations: u32, draw: &mut Draw) -> Self {
        let conversations = u64::from(conversations);
        let peers = u64::from(people.saturating_sub(1));
        let pairs_of_others = pairs_of(people.saturating_sub(1));
        Self {
            conversations,
            of_the_first: conversations
                .div_ceil(20)
                .max(conversations.saturating_sub(pairs_of_others))
                .min(peers),
            rank: 0,
            first_with: Scatter::new(peers, draw),
            others: Scatter::new(pairs_of_others, draw),
        }
    }
}

impl Iterator for Pairs {
    /// Two places in the list of people, the lower one first.
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        if self.rank == self.conversations {
            return None;
        }
        let up_to = |rank: u64| {
            (u128::from(rank) * u128::from(self.of_the_first))
                .div_ceil(u128::from(self.conversations))
        };
        let is_of_the_first = up_to(self.rank) < up_to(self.rank + 1);
        self.rank += 1;
        let (low, high) = if is_of_the_first {
            (0, 1 + self.first_with.next()?)
        } else {
            let (low, high) = pair_at(self.others.next()?);
            (1 + low, 1 + high)
        };
        Some((usize::try_from(low).ok()?, usize::try_from(high).ok()?))
    }
}

/// The pair number `index` of (0,1), (0,2), (1,2), (0,3), (1,3), (2,3), …
fn pair_at(index: u64) -> (u64, u64) {
    let root = (1 + 8 * u128::from(index)).isqrt();
    let high = u64::try_from(root.midpoint(1)).unwrap_or(u64::MAX);
    (index - high * (high - 1) / 2, high)
}

/// The numbers below `len` in a scattered order, each once: steps around a circle by a width
/// that has no divisor in common with it.
struct Scatter {
    len: u64,
    step: u64,
    at: u64,
}

impl Scatter {
    fn new(len: u64, draw: &mut Draw) -> Self {
        let mut step = draw.below(len);
        while common_divisor(step, len) > 1 {
            step = draw.below(len);
        }
        Self {
            len,
            step,
            at: draw.below(len),
        }
    }
}

impl Iterator for Scatter {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let next = u128::from(self.at) + u128::from(self.step);
        self.at = u64::try_from(next.checked_rem(u128::from(self.len))?).ok()?;
        Some(self.at)
    }
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_pair_comes_twice_even_when_all_are_taken() {
        for people in 1..40 {
            let most = u32::try_from(pairs_of(people)).unwrap();
            for conversations in [0, most / 3, most.saturating_sub(1), most] {
                let pairs: Vec<_> = Pairs::new(people, conversations, &mut Draw::new(3)).collect();
                assert_eq!(pairs.len(), conversations as usize, "{people} people");
                assert!(pairs.iter().all(|&(low, high)| low < high));
                assert!(pairs.iter().all(|&(_, high)| high < people as usize));
                let distinct: HashSet<_> = pairs.iter().collect();
                assert_eq!(distinct.len(), pairs.len(), "{people} people");
            }
        }
    }

    #[test]
    fn the_first_person_has_one_conversation_of_twenty_and_the_largest() {
        let pairs: Vec<_> = Pairs::new(100_000, 200_000, &mut Draw::new(1)).collect();
        let of_the_first = pairs.iter().filter(|(low, _)| *low == 0).count();
        assert_eq!(of_the_first, 10_000);
        assert_eq!(pairs[0].0, 0);
    }

    #[test]
    fn pairs_are_numbered_without_a_gap() {
        let first: Vec<_> = (0..6).map(pair_at).collect();
        assert_eq!(first, [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]);
        let last = pairs_of(u32::MAX) - 1;
        assert_eq!(
            pair_at(last),
            (u64::from(u32::MAX) - 2, u64::from(u32::MAX) - 1)
        );
    }
}
