//! What changes on the open pages of a reader, and on the page that sent something.

use domain::conversations::{Conversation, Receipts, Seq};
use domain::messages::{HistoryRange, Message, Surroundings};
use domain::users::User;
use domain::{HistoryLimit, StoreError};
use maud::{Markup, html};

use crate::App;
use crate::requests::Reader;
use crate::views::live;
use crate::views::message::Place;

/// A message was stored in the conversation with `peer`: its bubble, and the entry of the inbox
/// when it is the last one (else the message after it brings that).
pub(super) async fn of_message(
    app: &App,
    reader: &Reader,
    peer: &User,
    message: &Message,
) -> Markup {
    let after = Seq::new(message.seq.get() + 1).unwrap_or(message.seq);
    let with_one_before = HistoryLimit::parse(2).unwrap_or_default();
    let history = app.messages.history(
        reader.user.id,
        &peer.username,
        HistoryRange::Before(after),
        with_one_before,
    );
    let Some(history) = known(history.await) else {
        let place = Place::new(reader, peer, Receipts::default());
        return live::message(message, None, &place);
    };
    let mut earlier = history.messages.iter();
    let previous = earlier.find(|earlier| earlier.seq < message.seq);
    changes(reader, message, previous, history.conversation)
}

/// The same of a message that the reader has just sent.
pub(super) fn of_sent(reader: &Reader, message: &Message, around: Surroundings) -> Markup {
    let Surroundings {
        conversation,
        previous,
    } = around;
    changes(reader, message, previous.as_ref(), conversation)
}

fn changes(
    reader: &Reader,
    message: &Message,
    previous: Option<&Message>,
    mut conversation: Conversation,
) -> Markup {
    let receipts = conversation.receipts_for(&reader.user);
    let place = Place::new(reader, &conversation.with, receipts);
    let bubble = live::message(message, previous, &place);
    let is_last = conversation.last_seq == message.seq;
    conversation.last_message = Some(message.clone());
    html! {
        (bubble)
        @if is_last { (live::entry(&conversation, reader, true)) }
    }
}

/// The reader has read in the conversation with `peer`: the entry of the inbox.
pub(super) async fn of_reading(app: &App, reader: &Reader, peer: &User) -> Markup {
    let conversation = app.conversations.find_with(reader.user.id, &peer.username);
    known(conversation.await).map_or_else(
        || html! {},
        |conversation| live::entry(&conversation, reader, false),
    )
}

/// What could be read. Who was disabled meanwhile is in no inbox; and a store that fails costs
/// what the page looks back for anyway.
fn known<T>(read: Result<Option<T>, StoreError>) -> Option<T> {
    read.unwrap_or_else(|error| {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "a change was told without its conversation");
        None
    })
}
