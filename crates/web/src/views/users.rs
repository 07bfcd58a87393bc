use std::borrow::Cow;

use domain::users::{DirectoryCursor, User};
use domain::{Page, Timestamp};
use maud::{Markup, html};

use super::avatar::avatar;
use super::time::last_seen;
use crate::paths;
use crate::requests::Cursor as _;

/// All other users, or those found by what was `typed`.
pub(crate) fn pane(people: &Page<User, DirectoryCursor>, typed: &str, now: Timestamp) -> Markup {
    html! {
        section.people #people data-view="people" aria-labelledby="heading" {
            h1 #heading { "People" }
            @if people.items.is_empty() {
                p.empty role="status" {
                    @if typed.trim().is_empty() { "Nobody else is here yet. An operator makes accounts." }
                    @else { "Nobody is found by “" bdi { (typed) } "”." }
                }
            }
            ol.list aria-label="People" {
                @for user in &people.items { li { (entry(user, now)) } }
            }
            @if let Some(cursor) = &people.next {
                p.more { a href=(paths::users_after(typed, &cursor.to_word())) { "More people" } }
            }
        }
    }
}

/// Finds people while one types; without a script once it is sent. It stands beside every view, so
/// that what is found can come and go without taking the field away.
pub(super) fn search(typed: &str) -> Markup {
    let users = paths::Users.to_string();
    html! {
        form.search role="search" method="get" action=(users) {
            label.hidden for="q" { "Search people" }
            input #q type="search" name="q" value=(typed) placeholder="Search people"
                autocomplete="off" maxlength="100" aria-keyshortcuts="/ Control+K"
                hx-get=(users) hx-trigger="input changed delay:150ms" hx-target="#main"
                hx-sync="#main:replace";
            button.quiet type="submit" { "Search" }
        }
    }
}

fn entry(user: &User, now: Timestamp) -> Markup {
    let path = paths::conversation(&user.username);
    html! {
        a.entry href=(path) hx-get=(path) hx-target="#main" hx-sync="#main:replace" hx-push-url="true" {
            (avatar(user))
            span.who {
                span.name { bdi { (user.display_name) } }
                span.hint { "@" (user.username) }
            }
            (presence(user, now))
        }
    }
}

/// Whether somebody is here, in words.
pub(super) fn presence(user: &User, now: Timestamp) -> Markup {
    html! {
        @let online = user.is_online(now);
        span.presence.online[online] data-of=(user.username.key()) { (presence_in_words(user, now)) }
    }
}

/// Whether a user is here, or when they were.
pub(crate) fn presence_in_words(user: &User, now: Timestamp) -> Cow<'static, str> {
    if user.is_online(now) {
        Cow::Borrowed("online")
    } else {
        Cow::Owned(last_seen(user.last_seen_at, now))
    }
}
