use std::fmt::{self, Display, Formatter};

use domain::Timestamp;
use jiff::Timestamp as Instant;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::requests::Reader;

/// The hour of a message, with the whole moment as its tooltip.
pub(super) fn hour(at: Timestamp, reader: &Reader) -> Markup {
    let local = local(at, reader);
    let whole = format_args!(
        "{}, {}:{:02}",
        Day(local.date()),
        Hour(local),
        local.second()
    );
    html! { time datetime=(at) title=(whole) { (Hour(local)) (named(reader)) } }
}

/// Day and hour, where neither is known from what is around.
pub(super) fn moment(at: Timestamp, reader: &Reader) -> Markup {
    let local = local(at, reader);
    html! { time datetime=(at) { (local.strftime("%-d %b %Y")) ", " (Hour(local)) (named(reader)) } }
}

/// The day as a heading: "Today", "Yesterday", or a date.
pub(super) fn day(at: Timestamp, reader: &Reader) -> Markup {
    let date = date(at, reader);
    html! {
        time datetime=(date) {
            @match days_ago(date, reader) {
                0 => { "Today" }
                1 => { "Yesterday" }
                _ => { (date.strftime("%A, %-d %B %Y")) }
            }
        }
    }
}

/// What says most on little room: the hour today, else the day.
pub(super) fn brief(at: Timestamp, reader: &Reader) -> Markup {
    let date = date(at, reader);
    match days_ago(date, reader) {
        0 => hour(at, reader),
        1 => html! { time datetime=(at) { "Yesterday" } },
        days => html! {
            time datetime=(at) {
                @if (2..7).contains(&days) { (date.strftime("%A")) }
                @else { (date.strftime("%-d %b %Y")) }
            }
        },
    }
}

/// Whether both are on one day, where the reader is.
pub(super) fn is_same_day(one: Timestamp, other: Timestamp, reader: &Reader) -> bool {
    date(one, reader) == date(other, reader)
}

/// When somebody was last seen, in words.
pub(super) fn last_seen(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else {
        return "never signed in".to_owned();
    };
    let minutes = now.since(at).as_secs() / 60;
    match (minutes, minutes / 60, minutes / (60 * 24)) {
        (0, ..) => "last seen just now".to_owned(),
        (minutes @ 1..60, ..) => format!("last seen {minutes} min ago"),
        (_, hours @ 1..24, _) => format!("last seen {hours} h ago"),
        (.., 1) => "last seen yesterday".to_owned(),
        (.., days) => format!("last seen {days} days ago"),
    }
}

/// Hours of a zone that is not known to be the reader's say which it is.
fn named(reader: &Reader) -> &'static str {
    if reader.looks.zone == TimeZone::UTC {
        " UTC"
    } else {
        ""
    }
}

fn days_ago(date: Date, reader: &Reader) -> i32 {
    let today = self::date(reader.now, reader);
    // Both lie between 1970 and 9999, so there is a number of days between them.
    today.since(date).map_or(i32::MAX, |span| span.get_days())
}

/// The day on which something happened, where the reader is.
pub(crate) fn date(at: Timestamp, reader: &Reader) -> Date {
    local(at, reader).date()
}

/// What the reader's clock and calendar show.
fn local(at: Timestamp, reader: &Reader) -> DateTime {
    // Every moment that the domain knows is one that jiff knows; the epoch stands for none.
    let instant = Instant::from_millisecond(at.unix_millis()).unwrap_or(Instant::UNIX_EPOCH);
    reader.looks.zone.to_datetime(instant)
}

/// As "23:05". Every bubble has one, and `strftime` reads its pattern anew each time.
struct Hour(DateTime);

impl Display for Hour {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

/// As "9 March 2025", for the same reason.
struct Day(Date);

impl Display for Day {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let month = usize::try_from(self.0.month() - 1).map_err(|_| fmt::Error)?;
        write!(f, "{} {} {}", self.0.day(), MONTHS[month], self.0.year())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::views::testing::reader;

    fn at(raw: &str) -> Timestamp {
        Timestamp::parse(raw).unwrap()
    }

    #[test]
    fn an_hour_is_the_readers_and_names_its_zone_when_that_is_not_known() {
        let moment = at("2025-03-09T23:05:00.000Z");
        let utc = reader("UTC", moment);
        assert_eq!(
            hour(moment, &utc).into_string(),
            r#"<time datetime="2025-03-09T23:05:00.000Z" title="9 March 2025, 23:05:00">23:05 UTC</time>"#
        );
        let berlin = reader("Europe/Berlin", moment);
        assert_eq!(
            hour(moment, &berlin).into_string(),
            r#"<time datetime="2025-03-09T23:05:00.000Z" title="10 March 2025, 00:05:00">00:05</time>"#
        );
    }

    #[test]
    fn a_day_begins_at_the_readers_midnight() {
        let (before, after) = (at("2025-03-09T22:59:59Z"), at("2025-03-09T23:00:00Z"));
        let berlin = reader("Europe/Berlin", after);
        assert!(is_same_day(before, after, &reader("UTC", after)));
        assert!(!is_same_day(before, after, &berlin));
        let written = |at| day(at, &berlin).into_string();
        assert_eq!(
            written(after),
            r#"<time datetime="2025-03-10">Today</time>"#
        );
        assert_eq!(
            written(before),
            r#"<time datetime="2025-03-09">Yesterday</time>"#
        );
        assert_eq!(
            written(at("2025-03-08T12:00:00Z")),
            r#"<time datetime="2025-03-08">Saturday, 8 March 2025</time>"#
        );
        // A message can be from tomorrow: clocks differ.
        assert!(written(at("2025-03-11T12:00:00Z")).contains("11 March"));
    }

    #[test]
    fn the_inbox_says_hour_weekday_or_date() {
        let now = at("2025-03-10T12:00:00Z");
        let reader = reader("Europe/Berlin", now);
        let written = |raw| {
            let time = brief(at(raw), &reader).into_string();
            let (_, text) = time.split_once('>').unwrap();
            text.trim_end_matches("</time>").to_owned()
        };
        assert_eq!(written("2025-03-10T07:30:00Z"), "08:30");
        assert_eq!(written("2025-03-09T07:30:00Z"), "Yesterday");
        assert_eq!(written("2025-03-04T07:30:00Z"), "Tuesday");
        assert_eq!(written("2025-03-03T07:30:00Z"), "3 Mar 2025");
    }

    #[test]
    fn last_seen_is_said_in_the_unit_one_would_use() {
        let now = Timestamp::from_unix_millis(10_000_000_000).unwrap();
        let ago =
            |minutes: u64| last_seen(Some(now.before(Duration::from_secs(minutes * 60))), now);
        assert_eq!(ago(0), "last seen just now");
        assert_eq!(ago(59), "last seen 59 min ago");
        assert_eq!(ago(60), "last seen 1 h ago");
        assert_eq!(ago(23 * 60 + 59), "last seen 23 h ago");
        assert_eq!(ago(24 * 60), "last seen yesterday");
        assert_eq!(ago(72 * 60), "last seen 3 days ago");
        assert_eq!(last_seen(None, now), "never signed in");
    }
}
