use domain::Timestamp;
use domain::messages::History;
use domain::users::User;
use maud::{Markup, html};

use super::avatar::avatar;
use super::live;
use super::message::messages;
use super::users::presence;
use crate::paths;

/// A conversation: who it is with, a piece of its history, and the composer.
pub(crate) fn pane(history: &History, viewer: &User, composer: &Markup, now: Timestamp) -> Markup {
    let conversation = &history.conversation;
    let with = &conversation.with;
    let whole = paths::conversation(&with.username);
    html! {
        section.conversation data-view="conversation" aria-labelledby="with" {
            header.bar {
                a.back href=(paths::Inbox) hx-get=(paths::Inbox) hx-target="#main" hx-push-url="true" {
                    span aria-hidden="true" { "‹" } span.hidden { "Conversations" }
                }
                (avatar(with))
                div.who {
                    h1 #with { bdi { (with.display_name) } }
                    (presence(with, now))
                }
                @if conversation.unread() > 0 && !history.has_newer() { (mark_read(history)) }
            }
            div.history tabindex="0" role="region" aria-label="Messages" {
                div.track {
                    @if history.messages.is_empty() {
                        p.empty #no-messages { "No messages yet. Say hello to " bdi { (with.display_name) } "." }
                    }
                    ol #messages data-with=(with.username.key()) data-action=(paths::messages(&with.username)) data-read=(conversation.mine.read()) data-newer[history.has_newer()] { (piece(history, viewer)) }
                    @if history.has_newer() {
                        p.more { a href=(whole) { "To the newest messages" } }
                    }
                }
            }
            p.typing #typing role="status" hidden { bdi { (with.display_name) } " is typing…" }
            @if !history.has_newer() { (composer) }
        }
    }
}

/// The messages of a piece of history, led by the link to what is before them.
pub(crate) fn piece(history: &History, viewer: &User) -> Markup {
    let username = &history.conversation.with.username;
    html! {
        @if let (true, Some(first)) = (history.has_older(), history.messages.first()) {
            @let path = paths::messages_before(username, first.seq);
            li.more {
                a href=(path) hx-get=(path) hx-target="closest li" hx-swap="outerHTML" { "Older messages" }
            }
        }
        (messages(&history.messages, viewer, &history.conversation))
    }
}

/// What is new in a conversation that is shown: the messages, how far the other member is, and
/// whether they are here.
pub(crate) fn news(history: &History, viewer: &User, now: Timestamp) -> Markup {
    let conversation = &history.conversation;
    html! {
        (messages(&history.messages, viewer, conversation))
        (live::reached(&conversation.with, conversation.receipts_for(viewer)))
        (live::presence(&conversation.with, now))
    }
}

/// "I have read this": pressed by the script once the end is seen, or by hand without one.
fn mark_read(history: &History) -> Markup {
    let path = paths::read(&history.conversation.with.username);
    html! {
        form #mark-read method="post" action=(path) {
            input type="hidden" name="seq" value=(history.conversation.last_seq);
            button.quiet type="submit" { "Mark as read" }
        }
    }
}
