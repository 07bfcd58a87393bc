use domain::Page;
use domain::conversations::{Conversation, InboxCursor};
use domain::users::{User, Username};
use maud::{Markup, html};

use super::avatar::avatar;
use super::{layout, time};
use crate::paths;
use crate::requests::{Client, Cursor as _};

type Inbox = Page<Conversation, InboxCursor>;

/// The newest conversations, for the sidebar; `current` is the open one.
pub(crate) fn list(inbox: &Inbox, viewer: &User, current: Option<&Username>) -> Markup {
    html! {
        @if inbox.items.is_empty() {
            p.empty {
                "No conversations yet. "
                a href=(paths::Users) hx-get=(paths::Users) hx-target="#main" hx-push-url="true" { "Find somebody" }
                " and say hello."
            }
        } @else {
            nav aria-label="Conversations" {
                ol.list { (entries(inbox, viewer, current)) }
            }
        }
    }
}

/// A further piece: for htmx the entries, else a page of its own.
pub(crate) fn piece(inbox: &Inbox, viewer: &User, client: Client) -> Markup {
    let entries = entries(inbox, viewer, None);
    match client {
        Client::Htmx(_) => entries,
        Client::Browser | Client::Json => layout::plain(
            "Older conversations",
            &html! {
                ol.list { (entries) }
                p { a href=(paths::Inbox) { "To the newest" } }
            },
        ),
    }
}

/// In the pane while no conversation is open.
pub(crate) fn nothing_open() -> Markup {
    html! {
        section.centred data-view="inbox" {
            h1 { "Conversations" }
            p { "Choose a conversation, or " a href=(paths::Users) hx-get=(paths::Users) hx-target="#main" hx-push-url="true" { "find somebody" } " to write to." }
        }
    }
}

fn entries(inbox: &Inbox, viewer: &User, current: Option<&Username>) -> Markup {
    html! {
        @for conversation in &inbox.items {
            li { (entry(conversation, viewer, current == Some(&conversation.with.username))) }
        }
        @if let Some(cursor) = &inbox.next {
            @let path = paths::inbox_before(&cursor.to_word());
            li.more {
                a href=(path) hx-get=(path) hx-target="closest li" hx-swap="outerHTML" { "Older conversations" }
            }
        }
    }
}

fn entry(conversation: &Conversation, viewer: &User, current: bool) -> Markup {
    let with = &conversation.with;
    let path = paths::conversation(&with.username);
    let unread = conversation.unread();
    html! {
        a.entry href=(path) hx-get=(path) hx-target="#main" hx-push-url="true"
            aria-current=[current.then_some("page")] {
            (avatar(with))
            span.who {
                span.name dir="auto" { (with.display_name) }
                @if let Some(message) = &conversation.last_message {
                    span.preview dir="auto" {
                        @if message.sender == viewer.id { "You: " }
                        (preview(message.body.as_str()))
                    }
                }
            }
            span.aside {
                @if let Some(message) = &conversation.last_message { (time::day(message.sent_at)) }
                @if unread > 0 {
                    span.unread { (unread) span.hidden { " unread" } }
                }
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
