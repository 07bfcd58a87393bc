use domain::Timestamp;
use maud::{Markup, html};
use time::OffsetDateTime;
use time::macros::format_description;

/// A moment, written in UTC and named as such; the script rewrites it in the reader's zone.
pub(super) fn moment(at: Timestamp) -> Markup {
    let format =
        format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    html! { time datetime=(at) { (written(at, format)) } }
}

/// The day, for lists where the hour would be too much.
pub(super) fn day(at: Timestamp) -> Markup {
    let format = format_description!("[day padding:none] [month repr:short] [year]");
    html! { time datetime=(at) data-short { (written(at, format)) } }
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

fn written(at: Timestamp, format: &(impl time::formatting::Formattable + ?Sized)) -> String {
    // The format names only what a date and time has, so it cannot fail; RFC 3339 would do.
    let at_utc: OffsetDateTime = at.to_date_time();
    at_utc.format(format).unwrap_or_else(|_| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_carries_its_zone_and_its_machine_form() {
        let at = Timestamp::parse("2025-03-09T08:05:00.000Z").unwrap();
        assert_eq!(
            moment(at).into_string(),
            r#"<time datetime="2025-03-09T08:05:00.000Z">9 Mar 2025, 08:05 UTC</time>"#
        );
    }

    #[test]
    fn last_seen_is_said_in_the_unit_one_would_use() {
        let now = Timestamp::from_unix_millis(10_000_000_000).unwrap();
        let ago = |minutes: u64| {
            last_seen(
                Some(now.before(std::time::Duration::from_secs(minutes * 60))),
                now,
            )
        };
        assert_eq!(ago(0), "last seen just now");
        assert_eq!(ago(59), "last seen 59 min ago");
        assert_eq!(ago(60), "last seen 1 h ago");
        assert_eq!(ago(23 * 60 + 59), "last seen 23 h ago");
        assert_eq!(ago(24 * 60), "last seen yesterday");
        assert_eq!(ago(72 * 60), "last seen 3 days ago");
        assert_eq!(last_seen(None, now), "never signed in");
    }
}
