use domain::conversations::{Conversation, Receipts};
use domain::messages::{Message, Sent};
use domain::users::User;
use maud::{Markup, html};

use super::text::text;
use super::time::moment;

/// One message in a conversation: the only bubble there is.
pub(crate) fn message(message: &Message, viewer: &User, with: &User, theirs: Receipts) -> Markup {
    let mine = message.sender == viewer.id;
    let sender = if mine {
        "You"
    } else {
        with.display_name.as_str()
    };
    html! {
        li.message.mine[mine].theirs[!mine] id={ "m-" (message.seq) } data-seq=(message.seq)
            data-client-id=[mine.then_some(message.client_id)] {
            p.bubble dir="auto" {
                span.hidden { (sender) ": " }
                (text(message.body.as_str()))
            }
            p.meta {
                (moment(message.sent_at))
                @if mine { " " (receipt(message, theirs)) }
            }
        }
    }
}

/// The messages of a conversation, oldest first.
pub(super) fn messages(messages: &[Message], viewer: &User, conversation: &Conversation) -> Markup {
    html! {
        @for one in messages {
            (message(one, viewer, &conversation.with, conversation.receipts_for(viewer)))
        }
    }
}

/// The answer to a send: the bubble as stored.
pub(crate) fn sent(sent: &Sent, viewer: &User) -> Markup {
    message(&sent.message, viewer, &sent.to, Receipts::default())
}

/// What became of a message, in a word. The script knows these words too.
fn receipt(message: &Message, theirs: Receipts) -> Markup {
    html! {
        @if theirs.read().is_some_and(|read| message.seq <= read) { span.receipt.read { "Read" } }
        @else if message.seq <= theirs.delivered() { span.receipt.delivered { "Delivered" } }
        @else { span.receipt { "Sent" } }
    }
}
