//! Histories: a message never changes, so the newest ones of a conversation look the same to the same
//! reader until one of a few things does.

use std::sync::Arc;

use domain::StoreError;
use domain::conversations::{self, Conversation, ConversationId, Opening, Receipts, Seq};
use domain::users::{DisplayName, UserId, Username};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::App;
use crate::pages::piece::Part;
use crate::pages::{Piece, View};
use crate::requests::Reader;
use crate::views;
use crate::views::inbox::Inbox;

/// How many bytes of drawn histories are kept, of some five hundred conversations.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// What one of them takes, about.
const USUAL_BYTES: u64 = 32 * 1024;

pub(super) struct Histories(Cache<(UserId, String), Arc<Drawing>, Bytes>);

/// The newest messages of a conversation as its reader saw them last.
struct Drawing {
    look: Look,
    html: Arc<str>,
}

/// All that a drawn history depends on.
#[derive(PartialEq)]
struct Look {
    conversation: Option<ConversationId>,
    last_seq: Seq,
    read: Seq,
    receipts: Receipts,
    username: Username,
    name: DisplayName,
    zone: TimeZone,
    today: Date,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<(UserId, String), Arc<Drawing>> for Bytes {
    fn weight(&self, _: &(UserId, String), drawing: &Arc<Drawing>) -> u64 {
        drawing.html.len() as u64
    }
}

impl Default for Histories {
    fn default() -> Self {
        let most = usize::try_from(MOST_BYTES / USUAL_BYTES).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(most, MOST_BYTES, Bytes))
    }
}

/// A conversation as it is opened.
pub(in crate::pages) struct Opened {
    pub(in crate::pages) conversation: Conversation,
    /// Its newest messages, drawn.
    pub(in crate::pages) history: Arc<str>,
    /// What is beside it.
    pub(in crate::pages) inbox: Inbox,
}

/// The conversation with this user; `None` when there is no such other user.
pub(in crate::pages) async fn open(
    app: &App,
    reader: &Reader,
    with: &Username,
) -> Result<Option<Opened>, StoreError> {
    let Histories(histories) = &app.drawings().histories;
    let key = (reader.user.id, with.key());
    let kept = histories.get(&key);
    let kept = kept.filter(|drawing| drawing.look.is_of_today(reader));
    let opening = Opening {
        newest: Piece::one_more(),
        known: kept.as_ref().map(|drawing| drawing.look.last_seq),
        inbox: View::Conversation.inbox_limit(),
    };
    let opened = app
        .conversations
        .open(reader.user.id, with, opening)
        .await?;
    let Some(conversations::Opened {
        conversation,
        newest,
        inbox,
    }) = opened
    else {
        return Ok(None);
    };
    if let Some(drawing) = kept
        && drawing.look == Look::of(&conversation, reader)
    {
        return Ok(Some(Opened {
            conversation,
            history: Arc::clone(&drawing.html),
            inbox,
        }));
    }
    let piece = match newest {
        Some(messages) => Some(Piece::newest(conversation, messages)),
        // They are known, and look different now.
        None => Piece::read(app, &reader.user, with, Part::Newest).await?,
    };
    Ok(piece.map(|piece| {
        let drawing = Drawing::of(&piece, reader);
        let history = Arc::clone(&drawing.html);
        histories.insert(key, Arc::new(drawing));
        Opened {
            conversation: piece.conversation,
            history,
            inbox,
        }
    }))
}

impl Drawing {
    fn of(piece: &Piece, reader: &Reader) -> Self {
        let html = views::conversation::history(piece, reader).into_string();
        Self {
            look: Look::of(&piece.conversation, reader),
            html: html.into(),
        }
    }
}

impl Look {
    /// Whether the reader is where they were, on the same day.
    fn is_of_today(&self, reader: &Reader) -> bool {
        self.zone == reader.looks.zone && self.today == views::time::date(reader.now, reader)
    }

    fn of(conversation: &Conversation, reader: &Reader) -> Self {
        Self {
            conversation: conversation.id,
            last_seq: conversation.last_seq,
            read: conversation.mine.read(),
            receipts: conversation.receipts_for(&reader.user),
            username: conversation.with.username.clone(),
            name: conversation.with.display_name.clone(),
            zone: reader.looks.zone.clone(),
            today: views::time::date(reader.now, reader),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;
    use crate::views::testing::{reader, user};

    #[test]
    fn another_day_and_another_zone_are_another_look() {
        let evening = Timestamp::parse("2025-03-09T22:59:00Z").unwrap();
        let night = Timestamp::parse("2025-03-09T23:01:00Z").unwrap();
        let conversation = Conversation::empty(user("mary"));
        let look = |zone, at| Look::of(&conversation, &reader(zone, at));
        assert!(look("UTC", evening) == look("UTC", night));
        assert!(look("Europe/Berlin", evening) != look("Europe/Berlin", night));
        assert!(look("Europe/London", evening) != look("UTC", evening));
        let of_evening = look("Europe/Berlin", evening);
        assert!(of_evening.is_of_today(&reader("Europe/Berlin", evening)));
        assert!(!of_evening.is_of_today(&reader("Europe/Berlin", night)));
        assert!(!of_evening.is_of_today(&reader("Europe/Paris", evening)));
    }
}
