use domain::Timestamp;
use domain::conversations::{Conversation, Receipts};
use domain::messages::Message;
use domain::users::User;
use maud::{Markup, html};

use super::inbox;
use super::message::message as bubble;

/// A bubble for the conversation with `peer`, wherever that is open. The script puts what is in
/// these templates in place by their `data-for`.
pub(crate) fn message(message: &Message, viewer: &User, peer: &User) -> Markup {
    html! {
        template data-for="messages" data-with=(peer.username.key()) {
            (bubble(message, viewer, peer, Receipts::default()))
        }
    }
}

/// The inbox's entry of a conversation; one that `moves` goes to the top.
pub(crate) fn entry(conversation: &Conversation, viewer: &User, moves: bool) -> Markup {
    html! {
        template data-for=(if moves { "latest" } else { "entry" }) {
            (inbox::entry(conversation, viewer, false))
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

/// Whether `peer` is here.
pub(crate) fn presence(peer: &User, now: Timestamp) -> Markup {
    html! { template data-for="presence" { (super::users::presence(peer, now)) } }
}

/// `peer` is typing.
pub(crate) fn typing(peer: &User) -> Markup {
    html! { template data-for="typing" data-with=(peer.username.key()) {} }
}
