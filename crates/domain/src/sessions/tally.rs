use super::{SignInError, SignedIn};
use crate::Counter;

/// How attempts to sign in have ended since the program started.
#[derive(Debug, Default)]
pub struct SignInTally {
    /// A session began.
    pub signed_in: Counter,
    /// Wrong name or password, or a disabled user.
    pub refused: Counter,
    /// There were too many.
    pub throttled: Counter,
    /// The store or the hasher failed.
    pub failed: Counter,
}

impl SignInTally {
    pub(super) fn count(&self, outcome: &Result<SignedIn, SignInError>) {
        let counter = match outcome {
            Ok(_) => &self.signed_in,
            Err(SignInError::Refused) => &self.refused,
            Err(SignInError::TooMany(_)) => &self.throttled,
            Err(SignInError::Hash(_) | SignInError::Store(_)) => &self.failed,
        };
        counter.increment();
    }
}
