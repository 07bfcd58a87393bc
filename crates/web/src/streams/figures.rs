use domain::Counter;

/// What streams are doing and have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamFigures {
    /// Streams that are open.
    pub open: usize,
    /// Users who have one.
    pub users: usize,
    /// Streams that were begun.
    pub begun: u64,
    /// How often a stream had been cut off by the broker and caught up from the store.
    pub caught_up: u64,
    /// Messages that streams found in the store because they had not heard of them.
    pub replayed: u64,
    /// How often a stream had missed too much to be told one by one.
    pub reloads: u64,
    /// Streams that ended because the store was away.
    pub given_up: u64,
}

/// What is counted of them.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) begun: Counter,
    pub(super) caught_up: Counter,
    pub(super) replayed: Counter,
    pub(super) reloads: Counter,
    pub(super) given_up: Counter,
}
