use domain::conversations::{Conversation, Seq};
use domain::users::{User, Username};
use maud::{Markup, PreEscaped, html};

use super::avatar::avatar;
use super::live;
use super::message::{Place, messages};
use super::room::RoomFor;
use super::users::presence;
use crate::pages::Piece;
use crate::paths;
use crate::requests::Reader;

/// A conversation: who it is with, a piece of its history, and the composer.
pub(crate) fn pane(piece: &Piece, reader: &Reader, composer: &Markup) -> Markup {
    let newer = piece.has_newer.then(|| newer(piece));
    let history = history(piece, reader).into_string();
    around(
        &piece.conversation,
        &history,
        newer.as_ref(),
        reader,
        composer,
    )
}

/// A piece of history as it is seen first.
pub(crate) fn history(piece: &Piece, reader: &Reader) -> Markup {
    above(piece, reader, first_unread(&piece.conversation))
}

/// The same around a [`history`] that is drawn, and the way on from it if it is not the newest.
pub(crate) fn around(
    conversation: &Conversation,
    history: &str,
    newer: Option<&Markup>,
    reader: &Reader,
    composer: &Markup,
) -> Markup {
    let with = &conversation.with;
    html! {
        (RoomFor(history.len()))
        section.conversation data-view="conversation" aria-labelledby="with" {
            header.bar {
                a.back href=(paths::Inbox) hx-get=(paths::Inbox) hx-target="#main" hx-sync="#main:replace" hx-push-url="true" {
                    span aria-hidden="true" { "‹" } span.hidden { "Close the conversation" }
                }
                (avatar(with))
                div.who {
                    h1 #with { bdi { (with.display_name) } }
                    (presence(with, reader.now))
                }
                @if newer.is_none() { a.skip href="#body" { "Skip to writing" } }
                @if conversation.unread() > 0 && newer.is_none() { (mark_read(conversation)) }
            }
            div.history tabindex="0" role="region" aria-label="Messages" {
                div.track {
                    @if conversation.last_seq == Seq::ZERO {
                        p.empty #no-messages { "No messages yet. Say hello to " bdi { (with.display_name) } "." }
                    }
                    div #messages data-with=(with.username.key())
                        data-action=(paths::messages(&with.username))
                        data-read=(conversation.mine.read()) data-newer[newer.is_some()] {
                        (PreEscaped(history))
                    }
                    @if let Some(newer) = newer { (newer) }
                }
            }
            p.typing role="status" {
                (typing(with, false))
            }
            @if newer.is_none() {
                div.end {
                    button.latest #latest type="button" data-act="latest" hidden { "Newest ↓" }
                    (composer)
                }
            }
        }
    }
}

/// That the other one is typing, `shown` until the style sheet lets it fade.
pub(super) fn typing(with: &User, shown: bool) -> Markup {
    html! { span #typing data-of={ "typing " (with.username.key()) } hidden[!shown] { bdi { (with.display_name) } " is typing…" } }
}

/// A piece of history as it is put above what is shown, led by the link to what is before it. The
/// first message that was `unread` as the page was opened is marked, wherever it comes. Each piece is
/// a list of its own, so that a browser can leave out of its layout those that are far away.
pub(crate) fn above(piece: &Piece, reader: &Reader, unread: Option<Seq>) -> Markup {
    let conversation = &piece.conversation;
    let mut place = Place::new(
        reader,
        &conversation.with,
        conversation.receipts_for(&reader.user),
    );
    place.unread = unread;
    html! {
        (older(piece, unread))
        ol.piece { (messages(&piece.messages, piece.previous.as_ref(), &place)) }
    }
}

/// What is new in a conversation that is shown: the messages, how far the other member is, and
/// whether they are here.
pub(crate) fn news(piece: &Piece, reader: &Reader) -> Markup {
    let conversation = &piece.conversation;
    let place = Place::new(
        reader,
        &conversation.with,
        conversation.receipts_for(&reader.user),
    );
    let before = std::iter::once(piece.previous.as_ref()).chain(piece.messages.iter().map(Some));
    html! {
        @for (message, previous) in piece.messages.iter().zip(before) {
            (live::message(message, previous, &place))
        }
        @if piece.has_newer { (live::more(&conversation.with)) }
        (live::reached(&conversation.with, conversation.receipts_for(&reader.user)))
        (live::presence(&conversation.with, reader.now))
    }
}

/// The first message that the reader has not read.
fn first_unread(conversation: &Conversation) -> Option<Seq> {
    let next = Seq::new(conversation.mine.read().get() + 1).ok();
    next.filter(|next| *next <= conversation.last_seq)
}

/// The link to what is before a piece: followed when it is scrolled to, or by hand.
fn older(piece: &Piece, unread: Option<Seq>) -> Markup {
    html! {
        @if let (true, Some(first)) = (piece.has_older, piece.messages.first()) {
            @let unread = unread.filter(|unread| *unread < first.seq);
            @let path = paths::messages_before(&piece.conversation.with.username, first.seq, unread);
            p.more {
                a href=(path) hx-get=(path) hx-target="closest p" hx-swap="outerHTML"
                    hx-trigger="click, intersect once root:.history" { "Older messages" }
            }
        }
    }
}

/// The way on from a piece of the past.
fn newer(piece: &Piece) -> Markup {
    let username: &Username = &piece.conversation.with.username;
    html! {
        p.more {
            @if let Some(last) = piece.messages.last() {
                a href=(paths::message(username, last.seq)) { "Newer messages" } " "
            }
            a href=(paths::conversation(username)) { "To the newest messages" }
        }
    }
}

/// "I have read this": pressed by the script once the end is seen, or by hand without one.
fn mark_read(conversation: &Conversation) -> Markup {
    let path = paths::read(&conversation.with.username);
    html! {
        form #mark-read method="post" action=(path) {
            input type="hidden" name="seq" value=(conversation.last_seq);
            button.quiet type="submit" { "Mark as read" }
        }
    }
}
