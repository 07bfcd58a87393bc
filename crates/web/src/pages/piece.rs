use domain::conversations::{Conversation, Seq};
use domain::messages::{History, HistoryRange, Message};
use domain::users::{User, Username};
use domain::{HistoryLimit, StoreError};

use crate::App;

/// A piece of a conversation's history as a page shows it.
pub(crate) struct Piece {
    /// The conversation, without its last message.
    pub(crate) conversation: Conversation,
    /// The message before these: how the first of them is shown depends on it.
    pub(crate) previous: Option<Message>,
    /// The messages, oldest first.
    pub(crate) messages: Vec<Message>,
    /// Whether there are messages before these.
    pub(crate) has_older: bool,
    /// Whether there are messages after these.
    pub(crate) has_newer: bool,
}

/// Which piece.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// The newest messages.
    Newest,
    /// Those before this one.
    Before(Seq),
    /// Those after this one.
    After(Seq),
    /// This one in the middle of others.
    Around(Seq),
}

/// How many messages a page shows at once.
const MOST: u32 = 50;

impl Piece {
    /// Reads it together with the message before it; `None` when there is no such other user.
    pub(super) async fn read(
        app: &App,
        viewer: &User,
        with: &Username,
        part: Part,
    ) -> Result<Option<Self>, StoreError> {
        let (range, is_before) = match part {
            Part::Newest => (HistoryRange::Newest, Seq::ZERO),
            Part::Before(seq) => (HistoryRange::Before(seq), Seq::ZERO),
            Part::After(seq) => (HistoryRange::After(earlier(seq, 1)), seq),
            Part::Around(seq) => {
                let before = earlier(seq, i64::from(MOST / 2));
                (HistoryRange::After(earlier(before, 1)), before)
            }
        };
        let history = app
            .messages
            .history(viewer.id, with, range, Self::one_more());
        Ok(history.await?.map(|history| Self::of(history, is_before)))
    }

    /// The newest messages of a conversation, out of as many as [`Piece::one_more`].
    pub(super) fn newest(conversation: Conversation, messages: Vec<Message>) -> Self {
        let history = History {
            conversation,
            messages,
            range: HistoryRange::Newest,
        };
        Self::of(history, Seq::ZERO)
    }

    /// As many as are read for it: the one too many is the message before it.
    pub(super) fn one_more() -> HistoryLimit {
        HistoryLimit::parse(MOST + 1).unwrap_or_default()
    }

    /// What was read; up to `is_before` it is what comes before a piece that goes forward.
    fn of(history: History, is_before: Seq) -> Self {
        let (mut has_older, mut has_newer) = (history.has_older(), history.has_newer());
        let mut messages = history.messages;
        let is_full = messages.len() > MOST as usize;
        let previous = match history.range {
            HistoryRange::After(_) => {
                let first = messages.first().filter(|first| first.seq <= is_before);
                let previous = first.cloned();
                if previous.is_some() {
                    messages.remove(0);
                } else if is_full {
                    messages.pop();
                    has_newer = true;
                }
                previous
            }
            HistoryRange::Newest | HistoryRange::Before(_) => is_full.then(|| messages.remove(0)),
        };
        has_older |= previous.is_some();
        Self {
            conversation: history.conversation,
            previous,
            messages,
            has_older,
            has_newer,
        }
    }
}

fn earlier(seq: Seq, by: i64) -> Seq {
    Seq::new(seq.get() - by).unwrap_or(Seq::ZERO)
}
