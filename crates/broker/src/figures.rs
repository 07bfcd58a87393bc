/// Who is told, and to whom events were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Open subscriptions.
    pub subscribers: usize,
    /// How many events wait for the subscriber with the most of them.
    pub longest_queue: usize,
    /// How many subscribers were cut off because they were too slow.
    pub too_slow: u64,
    /// How many were cut off because something may have been lost on its way to this node.
    pub gaps: u64,
}
