use domain::Page;
use domain::conversations::{Conversation, InboxCursor};
use maud::{Markup, html};

use super::avatar::avatar;
use super::time;
use super::users::presence;
use crate::paths;
use crate::requests::{Cursor as _, Reader};

/// A piece of the list of conversations.
pub(crate) type Inbox = Page<Conversation, InboxCursor>;

/// The conversations, for the sidebar, around their entries. When it `is_older`, it does not begin at
/// the newest.
pub(crate) fn list(inbox: &Inbox, entries: &Markup, is_older: bool) -> Markup {
    html! {
        nav aria-label="Conversations" {
            // Where this stands above the list, the script puts nothing on top of it.
            @if is_older {
                p.more { a href=(paths::Inbox) { "To the newest conversations" } }
            }
            ol.list #conversations { (entries) }
        }
        @if inbox.items.is_empty() {
            p.empty {
                "No conversations yet. "
                a href=(paths::Users) hx-get=(paths::Users) hx-target="#main" hx-sync="#main:replace" hx-push-url="true" { "Find somebody" }
                " and say hello."
            }
        }
    }
}

/// In the pane while no conversation is open.
pub(crate) fn nothing_open() -> Markup {
    html! {
        section.centred data-view="inbox" {
            h1 { "Conversations" }
            p { "Choose a conversation, or " a href=(paths::Users) hx-get=(paths::Users) hx-target="#main" hx-sync="#main:replace" hx-push-url="true" { "find somebody" } " to write to." }
        }
    }
}

/// The link to what is older than these, the last of their entries.
pub(crate) fn older(inbox: &Inbox) -> Markup {
    html! {
        @if let Some(cursor) = &inbox.next {
            @let path = paths::inbox_before(&cursor.to_word());
            li.more {
                a href=(path) hx-get=(path) hx-target="closest li" hx-swap="outerHTML" { "Older conversations" }
            }
        }
    }
}

/// How many messages of these conversations are unread.
pub(crate) fn unread(inbox: &Inbox) -> u64 {
    inbox.items.iter().map(Conversation::unread).sum()
}

/// One conversation. The script has them in the order of `data-order`, keeps the one of two that is as
/// of later (the numbers in it only grow), and marks as delivered what `data-arrived` says. What is
/// shown here is what `pages/drawn/entry.rs` compares.
pub(crate) fn entry(conversation: &Conversation, reader: &Reader, current: bool) -> Markup {
    let with = &conversation.with;
    let path = paths::conversation(&with.username);
    let unread = conversation.unread();
    html! {
        @let newest = conversation.last_message.as_ref().map_or(0, |message| message.sent_at.unix_millis());
        @let (read, delivered) = (conversation.mine.read().get(), conversation.mine.delivered().get());
        @let arrived = (conversation.mine.delivered() < conversation.last_seq).then_some(conversation.last_seq);
        li id={ "c-" (with.username.key()) } data-order=(-newest)
            data-as-of=(conversation.last_seq.get() + read + delivered) data-arrived=[arrived]
            data-delivered=[arrived.map(|_| paths::delivered(&with.username))] {
            a.entry href=(path) hx-get=(path) hx-target="#main" hx-sync="#main:replace" hx-push-url="true"
                aria-current=[current.then_some("page")] {
                (avatar(with))
                span.who {
                    span.name { bdi { (with.display_name) } }
                    @if let Some(message) = &conversation.last_message {
                        span.preview {
                            @if message.sender == reader.user.id { "You: " }
                            bdi { (preview(message.body.as_str())) }
                        }
                    }
                }
                span.aside {
                    @if let Some(message) = &conversation.last_message { (time::brief(message.sent_at, reader)) }
                    @if unread > 0 {
                        span.unread { (unread) span.hidden { " unread" } }
                    }
                }
                (presence(with, reader.now))
            }
        }
    }
}

/// The beginning of a message on one line.
fn preview(body: &str) -> String {
    let words = body
        .chars()
        .take(120)
        .map(|c| if c == '\n' || c == '\t' { ' ' } else { c });
    words.collect()
}
