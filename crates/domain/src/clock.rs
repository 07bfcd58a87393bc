//! What time it is, and how a time is written.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment in UTC, to the millisecond, between the years 1970 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why something is not a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time between 1970 and 9999")]
pub struct TimestampError;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// 9999-12-31T23:59:59.999Z, the last moment RFC 3339 can write.
    const LATEST_MILLIS: i64 = 253_402_300_799_999;

    /// From milliseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`TimestampError`] outside the years 1970 to 9999.
    pub fn from_unix_millis(millis: i64) -> Result<Self, TimestampError> {
        if (0..=Self::LATEST_MILLIS).contains(&millis) {
            Ok(Self(millis))
        } else {
            Err(TimestampError)
        }
    }

    /// Parses an RFC 3339 time with any offset; what is finer than a millisecond is cut off.
    ///
    /// # Errors
    /// [`TimestampError`] when it is not one, or lies outside the years 1970 to 9999.
    pub fn parse(raw: &str) -> Result<Self, TimestampError> {
        let parsed = OffsetDateTime::parse(raw, &Rfc3339).map_err(|_| TimestampError)?;
        let millis = parsed.unix_timestamp_nanos().div_euclid(1_000_000);
        Self::from_unix_millis(i64::try_from(millis).map_err(|_| TimestampError)?)
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        self.0
    }

    /// The same moment for calendar arithmetic.
    #[must_use]
    pub fn to_date_time(self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(self.0)
    }

    /// How long after `earlier` this is; zero when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// This moment less `duration`, not before the epoch.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis).max(0))
    }

    /// This moment plus `duration`, not after the year 9999.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis).min(Self::LATEST_MILLIS))
    }
}

/// RFC 3339 in UTC with exactly three decimals: `2025-03-10T12:37:45.615Z`.
impl fmt::Display for Timestamp {
    /// A page writes dozens of these, so the digits are put in place by hand instead of formatting seven
    /// padded numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.to_date_time();
        let mut written = *b"0000-00-00T00:00:00.000Z";
        let mut put = |end: usize, mut number: u32| {
            let mut place = end;
            while number > 0 {
                place -= 1;
                written[place] = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        put(4, at.year().unsigned_abs());
        put(7, u8::from(at.month()).into());
        put(10, at.day().into());
        put(13, at.hour().into());
        put(16, at.minute().into());
        put(19, at.second().into());
        put(23, at.millisecond().into());
        f.write_str(std::str::from_utf8(&written).map_err(|_| fmt::Error)?)
    }
}

/// Port: where the time comes from.
pub trait Clock: Send + Sync {
    /// The time now. It may jump, backwards too: nothing may rest its order on it.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::EPOCH.after(since_epoch)
    }
}

/// A clock that never goes back, over one that may: where that one has, this one goes on at half
/// the speed until it is caught up with.
///
/// Whoever follows what happens comes back with a time and is told what was stored since. That what
/// is stored later has a later time is what this clock is for.
pub struct SteadyClock {
    clock: Arc<dyn Clock>,
    latest: Mutex<Latest>,
}

/// What was told last, and when.
struct Latest {
    told: Timestamp,
    at: Instant,
}

impl SteadyClock {
    /// Over this clock, from what it says now on.
    #[must_use]
    pub fn over(clock: Arc<dyn Clock>) -> Self {
        let (told, at) = (clock.now(), Instant::now());
        let latest = Mutex::new(Latest { told, at });
        Self { clock, latest }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        // It is changed whole, so one after a panic is as good as before it.
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= latest.told {
            (latest.told, latest.at) = (now, Instant::now());
            return now;
        }
        let passed = latest.at.elapsed() / 2;
        let slowed = latest.told.after(passed);
        // Less than a millisecond is not thrown away.
        if slowed > latest.told {
            (latest.told, latest.at) = (slowed, Instant::now());
        }
        slowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Jumping(Mutex<Timestamp>);

    impl Clock for Jumping {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn a_steady_clock_stays_ahead_of_one_that_went_back_and_is_caught_up_with() {
        let at = |millis| Timestamp::from_unix_millis(millis).unwrap();
        let jumping = Arc::new(Jumping(Mutex::new(at(5_000_000))));
        let steady = SteadyClock::over(jumping.clone());
        assert_eq!(steady.now(), at(5_000_000));
        *jumping.0.lock().unwrap() = at(5_001_000);
        assert_eq!(steady.now(), at(5_001_000));
        *jumping.0.lock().unwrap() = at(1_401_000);
        let mut before = steady.now();
        assert!(before >= at(5_001_000));
        let begun = Instant::now();
        while steady.now() < at(5_001_010) {
            assert!(steady.now() >= before);
            before = steady.now();
        }
        assert!(begun.elapsed() >= Duration::from_millis(10));
        *jumping.0.lock().unwrap() = at(5_002_000);
        assert_eq!(steady.now(), at(5_002_000));
    }

    #[test]
    fn a_time_is_read_with_its_offset_and_written_in_utc_with_milliseconds() {
        let at = Timestamp::parse("2025-03-10T13:37:45.6159+01:00").unwrap();
        assert_eq!(at.to_string(), "2025-03-10T12:37:45.615Z");
        assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
    }

    #[test]
    fn what_is_not_a_time_or_out_of_range_is_refused() {
        for raw in [
            "",
            "yesterday",
            "2025-03-10",
            "2025-13-10T00:00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(Timestamp::parse(raw), Err(TimestampError), "{raw}");
        }
        assert_eq!(Timestamp::from_unix_millis(-1), Err(TimestampError));
        assert_eq!(Timestamp::from_unix_millis(i64::MAX), Err(TimestampError));
    }

    #[test]
    fn arithmetic_stops_at_both_ends() {
        let at = Timestamp::from_unix_millis(5_000).unwrap();
        assert_eq!(at.before(Duration::from_secs(6)), Timestamp::EPOCH);
        assert_eq!(
            at.after(Duration::MAX).to_string(),
            "9999-12-31T23:59:59.999Z"
        );
        assert_eq!(Timestamp::EPOCH.since(at), Duration::ZERO);
        assert_eq!(at.since(Timestamp::EPOCH), Duration::from_secs(5));
    }
}
