use std::time::Duration;

use domain::conversations::{Receipts, Seq};
use domain::messages::Message;
use domain::users::User;
use maud::{Markup, html};

use super::text::text;
use super::time::{day, hour, is_same_day};
use crate::paths;
use crate::requests::Reader;

/// Messages of one sender that follow each other within this time are shown as one run.
const RUN: Duration = Duration::from_mins(5);

/// Where messages are shown.
pub(crate) struct Place<'a> {
    /// To whom.
    pub(crate) reader: &'a Reader,
    /// In the conversation with whom.
    pub(crate) with: &'a User,
    /// How far that one is, as far as it is known and shown.
    pub(crate) receipts: Receipts,
    /// The first message that was unread as the page was opened.
    pub(crate) unread: Option<Seq>,
}

impl<'a> Place<'a> {
    /// One where nothing is marked as unread.
    pub(crate) fn new(reader: &'a Reader, with: &'a User, receipts: Receipts) -> Self {
        Self {
            reader,
            with,
            receipts,
            unread: None,
        }
    }
}

/// One message in a conversation: the only bubble there is. What stands above it depends on the
/// message before and on nothing else, so it is the same wherever and whenever it is drawn.
pub(crate) fn message(message: &Message, previous: Option<&Message>, place: &Place<'_>) -> Markup {
    let Place { reader, with, .. } = place;
    let mine = message.sender == reader.user.id;
    let sender = if mine {
        "You"
    } else {
        with.display_name.as_str()
    };
    let is_other_day = previous.is_none_or(|it| !is_same_day(it.sent_at, message.sent_at, reader));
    let follows = !is_other_day && previous.is_some_and(|it| is_one_run(it, message));
    html! {
        li.message.mine[mine].theirs[!mine].follows[follows] id={ "m-" (message.seq) }
            data-seq=(message.seq) data-client-id=[mine.then_some(message.client_id)] {
            @if is_other_day { h2.day { (day(message.sent_at, reader)) } }
            @if place.unread == Some(message.seq) { p.divider #unread { "New" } }
            p.bubble dir="auto" {
                span.hidden { (sender) ": " }
                (text(message.body.as_str()))
            }
            p.meta {
                a href=(paths::message(&with.username, message.seq)) { (hour(message.sent_at, reader)) }
                @if mine { " " (receipt(message, place.receipts)) }
            }
        }
    }
}

/// Messages that follow each other, oldest first; `previous` is the one before them.
pub(crate) fn messages(
    messages: &[Message],
    previous: Option<&Message>,
    place: &Place<'_>,
) -> Markup {
    let before = std::iter::once(previous).chain(messages.iter().map(Some));
    html! {
        @for (one, previous) in messages.iter().zip(before) { (message(one, previous, place)) }
    }
}

fn is_one_run(earlier: &Message, later: &Message) -> bool {
    earlier.sender == later.sender && later.sent_at.since(earlier.sent_at) < RUN
}

/// What became of a message, in a word; the style sheet adds the ticks. The script knows these
/// words too.
fn receipt(message: &Message, theirs: Receipts) -> Markup {
    html! {
        @if theirs.read().is_some_and(|read| message.seq <= read) { span.receipt.read { "Read" } }
        @else if message.seq <= theirs.delivered() { span.receipt.delivered { "Delivered" } }
        @else { span.receipt { "Sent" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::testing::{message as sent, reader, user};

    /// Whether the second of two messages continues a run, and whether a day begins with it.
    fn second(first_by: &str, first_at: &str, by: &str, at: &str) -> (bool, bool) {
        let first = sent(1, &user(first_by), first_at);
        let second = sent(2, &user(by), at);
        let reader = reader("Europe/Berlin", second.sent_at);
        let with = user("mary");
        let place = Place::new(&reader, &with, Receipts::default());
        let shown = message(&second, Some(&first), &place).into_string();
        (
            shown.contains(" follows\""),
            shown.contains("class=\"day\""),
        )
    }

    #[test]
    fn a_run_is_of_one_sender_within_five_minutes_of_one_day() {
        let noon = "2025-03-09T11:00:00Z";
        let soon = "2025-03-09T11:04:59Z";
        assert_eq!(second("mary", noon, "mary", soon), (true, false));
        assert_eq!(second("mary", noon, "david", soon), (false, false));
        let later = "2025-03-09T11:05:00Z";
        assert_eq!(second("mary", noon, "mary", later), (false, false));
        let (before, after) = ("2025-03-09T22:59:00Z", "2025-03-09T23:01:00Z");
        assert_eq!(second("mary", before, "mary", after), (false, true));
    }

    #[test]
    fn the_first_of_all_begins_a_day_and_the_first_unread_is_marked() {
        let with = user("mary");
        let first = sent(1, &with, "2025-03-09T11:00:00Z");
        let reader = reader("Europe/Berlin", first.sent_at);
        let mut place = Place::new(&reader, &with, Receipts::default());
        place.unread = Some(first.seq);
        let shown = message(&first, None, &place).into_string();
        assert!(shown.contains("class=\"day\""), "{shown}");
        let divider = "<p class=\"divider\" id=\"unread\">New</p>";
        assert!(shown.contains(divider), "{shown}");
        place.unread = Some(Seq::new(2).unwrap());
        let shown = message(&first, None, &place).into_string();
        assert!(!shown.contains("divider"), "{shown}");
    }
}
