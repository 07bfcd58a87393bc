//! Entries of inboxes.

use std::borrow::Cow;
use std::sync::Arc;

use domain::conversations::{Conversation, ConversationId};
use domain::users::{UserId, Username};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, PreEscaped, html};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::App;
use crate::requests::Reader;
use crate::views;
use crate::views::inbox::Inbox;

/// How many bytes of them are kept, about.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// What one of them takes, about.
const USUAL_BYTES: u64 = 2 * 1024;

pub(super) struct Entries(Cache<(UserId, ConversationId), Arc<Entry>, Bytes>);

/// A conversation that is not open, as its reader saw it last in the inbox.
struct Entry {
    look: Look,
    html: String,
}

/// All that it depends on.
struct Look {
    conversation: Conversation,
    presence: Cow<'static, str>,
    zone: TimeZone,
    today: Date,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<(UserId, ConversationId), Arc<Entry>> for Bytes {
    fn weight(&self, _: &(UserId, ConversationId), entry: &Arc<Entry>) -> u64 {
        let message = entry.look.conversation.last_message.as_ref();
        let body = message.map_or(0, |message| message.body.as_str().len());
        (size_of::<Entry>() + entry.html.len() + body) as u64
    }
}

impl Default for Entries {
    fn default() -> Self {
        let most = usize::try_from(MOST_BYTES / USUAL_BYTES).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(most, MOST_BYTES, Bytes))
    }
}

/// The entries of a piece of an inbox, of which `current` is the open one.
pub(in crate::pages) fn entries(
    app: &App,
    inbox: &Inbox,
    reader: &Reader,
    current: Option<&Username>,
) -> Markup {
    html! {
        @for conversation in &inbox.items {
            @let is_current = current == Some(&conversation.with.username);
            @match conversation.id {
                Some(id) if !is_current => (PreEscaped(&entry(app, id, conversation, reader).html)),
                _ => (views::inbox::entry(conversation, reader, is_current)),
            }
        }
        (views::inbox::older(inbox))
    }
}

fn entry(
    app: &App,
    id: ConversationId,
    conversation: &Conversation,
    reader: &Reader,
) -> Arc<Entry> {
    let key = (reader.user.id, id);
    let kept = app.drawings().entries.0.get(&key);
    if let Some(entry) = kept.filter(|entry| entry.look.is_still(conversation, reader)) {
        return entry;
    }
    let entry = Arc::new(Entry {
        look: Look::of(conversation, reader),
        html: views::inbox::entry(conversation, reader, false).into_string(),
    });
    app.drawings().entries.0.insert(key, Arc::clone(&entry));
    entry
}

impl Look {
    fn of(conversation: &Conversation, reader: &Reader) -> Self {
        Self {
            conversation: conversation.clone(),
            presence: views::users::presence_in_words(&conversation.with, reader.now),
            zone: reader.looks.zone.clone(),
            today: views::time::date(reader.now, reader),
        }
    }

    /// Whether it would be the same now.
    fn is_still(&self, conversation: &Conversation, reader: &Reader) -> bool {
        self.conversation == *conversation
            && self.presence == views::users::presence_in_words(&conversation.with, reader.now)
            && self.zone == reader.looks.zone
            && self.today == views::time::date(reader.now, reader)
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;
    use crate::views::testing::{reader, user};

    fn at(time: &str) -> Timestamp {
        Timestamp::parse(time).unwrap()
    }

    #[test]
    fn another_day_and_another_zone_are_another_look() {
        let (evening, night) = (at("2025-03-09T22:59:00Z"), at("2025-03-09T23:01:00Z"));
        let conversation = Conversation::empty(user("mary"));
        let look = Look::of(&conversation, &reader("UTC", evening));
        assert!(look.is_still(&conversation, &reader("UTC", night)));
        assert!(!look.is_still(&conversation, &reader("Europe/London", evening)));
        let look = Look::of(&conversation, &reader("Europe/Berlin", evening));
        assert!(look.is_still(&conversation, &reader("Europe/Berlin", evening)));
        assert!(!look.is_still(&conversation, &reader("Europe/Berlin", night)));
    }

    #[test]
    fn that_somebody_is_not_here_any_more_is_another_look_though_nothing_was_stored() {
        let mut conversation = Conversation::empty(user("mary"));
        conversation.with.present_at = Some(at("2025-03-09T12:00:00Z"));
        let look = Look::of(&conversation, &reader("UTC", at("2025-03-09T12:00:30Z")));
        assert!(look.is_still(&conversation, &reader("UTC", at("2025-03-09T12:01:59Z"))));
        assert!(!look.is_still(&conversation, &reader("UTC", at("2025-03-09T12:02:00Z"))));
    }

    #[test]
    fn when_somebody_was_here_last_is_another_look_as_its_words_change() {
        let mut conversation = Conversation::empty(user("mary"));
        conversation.with.last_seen_at = Some(at("2025-03-09T12:00:00Z"));
        let look = Look::of(&conversation, &reader("UTC", at("2025-03-09T12:05:10Z")));
        assert!(look.is_still(&conversation, &reader("UTC", at("2025-03-09T12:05:50Z"))));
        assert!(!look.is_still(&conversation, &reader("UTC", at("2025-03-09T12:06:00Z"))));
    }
}
