//! What the script puts in place, each in a template whose `data-for` says where: the same for the
//! answer to a send, for the stream, and for a look back.

use domain::Timestamp;
use domain::conversations::{Conversation, Receipts};
use domain::messages::Message;
use domain::users::User;
use maud::{Markup, html};

use super::conversation;
use super::inbox::{self, Inbox};
use super::message::{Place, message as bubble};
use crate::pages::View;
use crate::requests::Reader;

/// A bubble for a conversation, wherever that is open.
pub(crate) fn message(message: &Message, previous: Option<&Message>, place: &Place<'_>) -> Markup {
    html! {
        template data-for="messages" data-with=(place.with.username.key()) {
            (bubble(message, previous, place))
        }
    }
}

/// The inbox's entry of a conversation; one that `moves` comes to its place in the order, and is put
/// there if it was not shown.
pub(crate) fn entry(conversation: &Conversation, reader: &Reader, moves: bool) -> Markup {
    html! {
        template data-for="entry" data-moves[moves] { (inbox::entry(conversation, reader, false)) }
    }
}

/// What the inbox begins with. Those that a page may not show are not put there.
pub(crate) fn inbox(inbox: &Inbox, reader: &Reader) -> Markup {
    html! {
        @for (place, conversation) in inbox.items.iter().enumerate() {
            (entry(conversation, reader, place < View::BESIDE as usize))
        }
    }
}

/// How far `peer` is, at least; without what was read where that is not shown.
pub(crate) fn reached(peer: &User, receipts: Receipts) -> Markup {
    html! {
        template data-for="reached" data-with=(peer.username.key())
            data-delivered=(receipts.delivered()) data-read=[receipts.read()] {}
    }
}

/// There is more than this in the conversation with `peer`: ask again.
pub(crate) fn more(peer: &User) -> Markup {
    html! { template data-for="more" data-with=(peer.username.key()) {} }
}

/// Whether `peer` is here.
pub(crate) fn presence(peer: &User, now: Timestamp) -> Markup {
    html! {
        template data-for="state" data-of=(peer.username.key()) { (super::users::presence(peer, now)) }
    }
}

/// `peer` is typing.
pub(crate) fn typing(peer: &User) -> Markup {
    html! {
        template data-for="state" data-of={ "typing " (peer.username.key()) } {
            (conversation::typing(peer, true))
        }
    }
}
