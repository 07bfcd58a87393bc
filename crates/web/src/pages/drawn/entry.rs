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

/// How many bytes of them are kept.
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
#[derive(PartialEq)]
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
    let today = views::time::date(reader.now, reader);
    html! {
        @for conversation in &inbox.items {
            @match conversation.id {
                Some(id) if current != Some(&conversation.with.username) => {
                    (PreEscaped(&entry(app, id, conversation, reader, today).html))
                }
                _ => (views::inbox::entry(conversation, reader, true)),
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
    today: Date,
) -> Arc<Entry> {
    let key = (reader.user.id, id);
    let presence = views::users::presence_in_words(&conversation.with, reader.now);
    let kept = app.drawings().entries.0.get(&key);
    let is_same = |entry: &Arc<Entry>| {
        let look = &entry.look;
        (&look.conversation, &look.presence) == (conversation, &presence)
            && (&look.zone, look.today) == (&reader.looks.zone, today)
    };
    if let Some(entry) = kept.filter(is_same) {
        return entry;
    }
    let entry = Arc::new(Entry {
        look: Look {
            conversation: conversation.clone(),
            presence,
            zone: reader.looks.zone.clone(),
            today,
        },
        html: views::inbox::entry(conversation, reader, false).into_string(),
    });
    app.drawings().entries.0.insert(key, Arc::clone(&entry));
    entry
}
