//! How often something may be done, counted in this process: adapters of [`SendLimit`] and
//! [`SignInLimit`].
//!
//! What was not used for a while is as good as new and is forgotten by `forget_idle`, so memory
//! follows the traffic of the last minutes and not everybody who ever came by.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZero;

use domain::users::{UserId, Username};
use domain::{RetryAfter, SendLimit, SignInLimit};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::settings::{Rate, RateLimit};

/// How fast each user may send.
pub struct SendRate<C: Clock = DefaultClock> {
    per_user: Option<Limiter<UserId, C>>,
}

/// How fast one may try to sign in: to one account from one address by the rate, and from one
/// address to whatever accounts by [`SignInRate::ACCOUNTS_AN_ADDRESS`] times the rate.
///
/// There is no limit on an account alone: with one, an attacker could lock its owner out. An
/// attacker with many addresses is slowed by the price of each attempt.
pub struct SignInRate<C: Clock = DefaultClock> {
    limiters: Option<SignInLimiters<C>>,
}

struct SignInLimiters<C: Clock> {
    per_account_and_address: Limiter<(String, IpAddr), C>,
    per_address: Limiter<IpAddr, C>,
}

impl SendRate {
    /// Counting from now on.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        Self::with_clock(limit, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> SendRate<C> {
    fn with_clock(limit: RateLimit, clock: &C) -> Self {
        Self {
            per_user: rate(limit).map(|rate| Limiter::new(rate, clock)),
        }
    }

    /// Forgets who has not sent for a while.
    pub fn forget_idle(&self) {
        if let Some(per_user) = &self.per_user {
            per_user.forget_idle();
        }
    }
}

impl<C: Clock + Send + Sync> SendLimit for SendRate<C> {
    fn check(&self, sender: UserId) -> Result<(), RetryAfter> {
        match &self.per_user {
            Some(per_user) => per_user.check(&sender),
            None => Ok(()),
        }
    }
}

impl SignInRate {
    /// Counting from now on.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        Self::with_clock(limit, &DefaultClock::default())
    }
}

impl<C: Clock> SignInRate<C> {
    /// How many people behind one address may mistype at the same time.
    pub const ACCOUNTS_AN_ADDRESS: u32 = 5;
}

impl<C: Clock + Clone> SignInRate<C> {
    fn with_clock(limit: RateLimit, clock: &C) -> Self {
        let limiters = rate(limit).map(|rate| SignInLimiters {
            per_account_and_address: Limiter::new(rate, clock),
            per_address: Limiter::new(times(rate, Self::ACCOUNTS_AN_ADDRESS), clock),
        });
        Self { limiters }
    }

    /// Forgets who has not tried for a while.
    pub fn forget_idle(&self) {
        if let Some(limiters) = &self.limiters {
            limiters.per_account_and_address.forget_idle();
            limiters.per_address.forget_idle();
        }
    }
}

impl<C: Clock + Send + Sync> SignInLimit for SignInRate<C> {
    /// What is refused for its account does not count against its address, where others may want
    /// to sign in.
    fn check(&self, account: &str, address: IpAddr) -> Result<(), RetryAfter> {
        let Some(limiters) = &self.limiters else {
            return Ok(());
        };
        let network = network(address);
        limiters
            .per_account_and_address
            .check(&(account_key(account), network))?;
        limiters.per_address.check(&network)
    }
}

struct Limiter<K: Hash + Eq + Clone, C: Clock> {
    governor: RateLimiter<K, DashMapStateStore<K>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
}

impl<K: Hash + Eq + Clone, C: Clock> Limiter<K, C> {
    fn check(&self, key: &K) -> Result<(), RetryAfter> {
        self.governor
            .check_key(key)
            .map_err(|refused| RetryAfter(refused.wait_time_from(self.clock.now())))
    }

    fn forget_idle(&self) {
        self.governor.retain_recent();
        self.governor.shrink_to_fit();
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Limiter<K, C> {
    fn new(rate: Rate, clock: &C) -> Self {
        let quota = Quota::with_period(rate.per.duration() / rate.count.get())
            .unwrap_or_else(|| Quota::per_second(rate.count))
            .allow_burst(rate.burst);
        Self {
            governor: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock: clock.clone(),
        }
    }
}

fn rate(limit: RateLimit) -> Option<Rate> {
    match limit {
        RateLimit::Off => None,
        RateLimit::At(rate) => Some(rate),
    }
}

fn times(rate: Rate, factor: u32) -> Rate {
    let times = |n: NonZero<u32>| n.saturating_mul(NonZero::<u32>::MIN.saturating_add(factor - 1));
    Rate {
        count: times(rate.count),
        per: rate.per,
        burst: times(rate.burst),
    }
}

/// The account as it is found: without regard to case. What is too long to be a name is cut, so
/// that no request decides how much is remembered of it.
fn account_key(account: &str) -> String {
    account
        .chars()
        .take(Username::MAX_CHARS)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// What one client has: a single IPv4 address, or the 64 bits of IPv6 that a home or a server is
/// given, in which it can choose any address it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
