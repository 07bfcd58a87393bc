use std::time::Duration;

use governor::clock::FakeRelativeClock;
use uuid::Uuid;

use super::*;

const ATTACKER: &str = "198.51.100.7";
const OWNER: &str = "203.0.113.9";

fn sign_in(limit: &str) -> (SignInRate<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    (
        SignInRate::with_clock(limit.parse().unwrap(), &clock),
        clock,
    )
}

fn address(raw: &str) -> IpAddr {
    raw.parse().unwrap()
}

/// How many attempts in a row are let through, at most `most`.
fn allowed(
    rate: &SignInRate<FakeRelativeClock>,
    account: impl Fn(usize) -> String,
    from: &str,
    most: usize,
) -> usize {
    (0..most)
        .take_while(|&n| rate.check(&account(n), address(from)).is_ok())
        .count()
}

#[test]
fn a_user_sends_a_burst_and_then_at_the_rate() {
    let clock = FakeRelativeClock::default();
    let rate = SendRate::with_clock("2/s,burst=3".parse().unwrap(), &clock);
    let (mary, david) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    for _ in 0..3 {
        assert_eq!(rate.check(mary), Ok(()));
    }
    assert_eq!(
        rate.check(mary),
        Err(RetryAfter(Duration::from_millis(500)))
    );
    assert_eq!(rate.check(david), Ok(()), "another user is not concerned");
    clock.advance(Duration::from_millis(500));
    assert_eq!(rate.check(mary), Ok(()));
    assert!(rate.check(mary).is_err());
}

#[test]
fn off_is_no_limit() {
    let (rate, clock) = sign_in("off");
    assert_eq!(
        allowed(&rate, |_| "mary".to_owned(), ATTACKER, 10_000),
        10_000
    );
    let send = SendRate::with_clock(RateLimit::Off, &clock);
    assert!((0..10_000).all(|_| send.check(UserId(Uuid::nil())).is_ok()));
}

#[test]
fn an_attackers_address_does_not_lock_out_the_owners() {
    let (rate, _clock) = sign_in("5/min,burst=10");
    let mary = |_| "mary".to_owned();
    assert_eq!(allowed(&rate, mary, ATTACKER, 1_000), 10);
    assert_eq!(allowed(&rate, mary, OWNER, 5), 5);
}

#[test]
fn attempts_refused_for_one_account_do_not_use_up_the_address() {
    let (rate, _clock) = sign_in("5/min,burst=10");
    for _ in 0..1_000 {
        let _ = rate.check("mary", address(OWNER));
    }
    assert_eq!(rate.check("david", address(OWNER)), Ok(()));
}

#[test]
fn one_address_tries_five_times_as_often_on_many_accounts() {
    let (rate, clock) = sign_in("5/min,burst=10");
    let each_another = |n| format!("user{n}");
    assert_eq!(allowed(&rate, each_another, ATTACKER, 1_000), 50);
    clock.advance(Duration::from_mins(1));
    assert_eq!(allowed(&rate, each_another, ATTACKER, 1_000), 25);
}

#[test]
fn an_account_is_one_however_it_is_written() {
    let (rate, _clock) = sign_in("1/min");
    assert_eq!(rate.check("Mary", address(OWNER)), Ok(()));
    assert!(rate.check("mARY", address(OWNER)).is_err());
}

#[test]
fn a_client_cannot_walk_through_its_ipv6_net_or_change_the_family() {
    let (rate, _clock) = sign_in("1/min");
    assert_eq!(rate.check("mary", address("2001:db8:1:2::1")), Ok(()));
    assert!(rate.check("mary", address("2001:db8:1:2:ffff::9")).is_err());
    assert_eq!(rate.check("mary", address("2001:db8:1:3::1")), Ok(()));
    assert_eq!(rate.check("mary", address("192.0.2.1")), Ok(()));
    assert!(rate.check("mary", address("::ffff:192.0.2.1")).is_err());
}

#[test]
fn an_endless_account_name_is_cut() {
    assert_eq!(account_key(&"É".repeat(1_000_000)).chars().count(), 150);
}

#[test]
fn who_has_waited_long_enough_is_forgotten() {
    let (rate, clock) = sign_in("5/min,burst=10");
    let limiters = rate.limiters.as_ref().unwrap();
    let remembered = || {
        (
            limiters.per_account_and_address.governor.len(),
            limiters.per_address.governor.len(),
        )
    };
    allowed(&rate, |n| format!("user{n}"), ATTACKER, 20);
    rate.forget_idle();
    assert_eq!(remembered(), (20, 1));
    clock.advance(Duration::from_mins(10));
    rate.forget_idle();
    assert_eq!(remembered(), (0, 0));
}
