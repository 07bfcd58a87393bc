use super::{SendError, Sent};
use crate::Counter;

/// How sends have ended since the program started.
#[derive(Debug, Default)]
pub struct SendTally {
    /// Stored.
    pub stored: Counter,
    /// Stored before: they were retries.
    pub retried: Counter,
    /// To nobody who is there, or under the client id of another message.
    pub refused: Counter,
    /// By somebody who was too fast.
    pub throttled: Counter,
    /// The store failed.
    pub failed: Counter,
}

impl SendTally {
    pub(super) fn count(&self, outcome: &Result<Sent, SendError>) {
        let counter = match outcome {
            Ok(Sent { retry: false, .. }) => &self.stored,
            Ok(Sent { retry: true, .. }) => &self.retried,
            Err(SendError::NoSuchUser | SendError::Conflict) => &self.refused,
            Err(SendError::TooFast(_)) => &self.throttled,
            Err(SendError::Store(_)) => &self.failed,
        };
        counter.increment();
    }
}
