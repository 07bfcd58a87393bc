//! How often something may be done.

use std::net::IpAddr;
use std::time::Duration;

use crate::users::UserId;

/// Refused for now; allowed again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Whole seconds, rounded up and at least one, as the `Retry-After` header wants them.
    #[must_use]
    pub fn as_secs(self) -> u64 {
        (self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)).max(1)
    }
}

/// Port: how fast one user may send.
#[cfg_attr(test, mockall::automock)]
pub trait SendLimit: Send + Sync {
    /// Counts one send of `sender`, or refuses it without counting it.
    ///
    /// # Errors
    /// [`RetryAfter`] when the sender is too fast.
    fn check(&self, sender: UserId) -> Result<(), RetryAfter>;
}

/// Port: how fast one may try to sign in.
#[cfg_attr(test, mockall::automock)]
pub trait SignInLimit: Send + Sync {
    /// Counts one attempt on `account` (a name as typed, whether it exists or not) from
    /// `address`. An attacker at one address must not be able to lock out the owner at another.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many.
    fn check(&self, account: &str, address: IpAddr) -> Result<(), RetryAfter>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_second_is_waited_out_whole() {
        assert_eq!(RetryAfter(Duration::ZERO).as_secs(), 1);
        assert_eq!(RetryAfter(Duration::from_millis(1_001)).as_secs(), 2);
        assert_eq!(RetryAfter(Duration::from_secs(3)).as_secs(), 3);
    }
}
