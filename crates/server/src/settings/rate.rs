use std::fmt;
use std::num::NonZero;
use std::str::FromStr;
use std::time::Duration;

/// How often something may be done, or `off`.
///
/// Written `N/s`, `N/min` or `N/h`, with `,burst=M` for how many may come at once; without it,
/// as many as come in one such period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// As often as one likes.
    Off,
    /// So often.
    At(Rate),
}

/// So many a period on average, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// 1 to 1,000,000.
    pub count: NonZero<u32>,
    /// In which time `count` are allowed.
    pub per: Period,
    /// 1 to 1,000,000.
    pub burst: NonZero<u32>,
}

/// The time a rate counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `s`
    Second,
    /// `min`
    Minute,
    /// `h`
    Hour,
}

/// Why something is not a [`RateLimit`]; names what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a rate; write N/s, N/min or N/h, or one with ,burst=M (N and M from 1 to \
     1000000), or off"
)]
pub struct RateLimitError(String);

impl Period {
    /// How long it is.
    #[must_use]
    pub fn duration(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_mins(1),
            Self::Hour => Duration::from_hours(1),
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }
}

impl FromStr for RateLimit {
    type Err = RateLimitError;

    fn from_str(raw: &str) -> Result<Self, RateLimitError> {
        if raw == "off" {
            return Ok(Self::Off);
        }
        parse_rate(raw)
            .map(Self::At)
            .ok_or_else(|| RateLimitError(raw.to_owned()))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(Rate { count, per, burst }) => {
                write!(f, "{count}/{},burst={burst}", per.unit())
            }
        }
    }
}

fn parse_rate(raw: &str) -> Option<Rate> {
    let (pace, burst) = match raw.split_once(',') {
        Some((pace, burst)) => (pace, Some(burst.trim_start().strip_prefix("burst=")?)),
        None => (raw, None),
    };
    let (count, unit) = pace.split_once('/')?;
    let count = parse_count(count)?;
    let per = match unit {
        "s" => Period::Second,
        "min" => Period::Minute,
        "h" => Period::Hour,
        _ => return None,
    };
    let burst = match burst {
        Some(burst) => parse_count(burst)?,
        None => count,
    };
    Some(Rate { count, per, burst })
}

/// Digits only: no sign, no space.
fn parse_count(raw: &str) -> Option<NonZero<u32>> {
    let digits = raw.bytes().all(|byte| byte.is_ascii_digit());
    let count: NonZero<u32> = raw.parse().ok().filter(|_| digits)?;
    (count.get() <= 1_000_000).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(count: u32, per: Period, burst: u32) -> RateLimit {
        RateLimit::At(Rate {
            count: count.try_into().unwrap(),
            per,
            burst: burst.try_into().unwrap(),
        })
    }

    #[test]
    fn a_rate_is_a_count_a_period_and_a_burst() {
        for (raw, expected) in [
            ("10/s,burst=40", rate(10, Period::Second, 40)),
            ("5/min, burst=10", rate(5, Period::Minute, 10)),
            ("100/h", rate(100, Period::Hour, 100)),
            ("1000000/s,burst=1", rate(1_000_000, Period::Second, 1)),
            ("off", RateLimit::Off),
        ] {
            assert_eq!(raw.parse(), Ok(expected), "{raw}");
            assert_eq!(expected.to_string().parse(), Ok(expected), "{raw}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_told_what_is_allowed() {
        for raw in [
            "",
            "10",
            "10/",
            "/s",
            "0/s",
            "-1/s",
            "+1/s",
            "1.5/s",
            "10/day",
            "10/sec",
            "10 /s",
            "10/s,",
            "10/s,40",
            "10/s,burst",
            "10/s,burst=",
            "10/s,burst=0",
            "10/s,burst=1,burst=2",
            "1000001/s",
            "99999999999/s",
            "OFF",
            "none",
        ] {
            let error = raw.parse::<RateLimit>().unwrap_err().to_string();
            assert!(error.contains("N/s, N/min or N/h"), "{raw}: {error}");
            assert!(error.contains("off"), "{raw}: {error}");
        }
    }
}
