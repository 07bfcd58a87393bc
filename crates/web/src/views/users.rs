use domain::users::{DirectoryCursor, User};
use domain::{Page, Timestamp};
use maud::{Markup, html};

use super::avatar::avatar;
use super::time::last_seen;
use crate::paths;
use crate::requests::Cursor as _;

/// All other users, or those found by what was `typed`.
pub(crate) fn pane(people: &Page<User, DirectoryCursor>, typed: &str, now: Timestamp) -> Markup {
    let users = paths::Users.to_string();
    html! {
        section.people data-view="people" {
            header.bar {
                a.back href=(paths::Inbox) hx-get=(paths::Inbox) hx-target="#main" hx-push-url="true" {
                    span aria-hidden="true" { "‹" } " Conversations"
                }
                h1 { "People" }
            }
            form.search role="search" method="get" action=(users) {
                label.hidden for="q" { "Search people" }
                input #q type="search" name="q" value=(typed) placeholder="Search people"
                    autocomplete="off" maxlength="100"
                    hx-get=(users) hx-trigger="input changed delay:150ms" hx-target="#people"
                    hx-select="#people" hx-swap="outerHTML" hx-replace-url="true"
                    hx-sync="this:replace";
                button.quiet type="submit" { "Search" }
            }
            (list(people, typed, now))
        }
    }
}

fn list(people: &Page<User, DirectoryCursor>, typed: &str, now: Timestamp) -> Markup {
    html! {
        div #people {
            @if people.items.is_empty() {
                p.empty role="status" {
                    @if typed.trim().is_empty() { "Nobody else is here yet. An operator makes accounts." }
                    @else { "Nobody is found by “" (typed) "”." }
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

fn entry(user: &User, now: Timestamp) -> Markup {
    let path = paths::conversation(&user.username);
    html! {
        a.entry href=(path) hx-get=(path) hx-target="#main" hx-push-url="true" {
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
        span.presence.online[online] data-of=(user.username.key()) {
            @if online { "online" } @else { (last_seen(user.last_seen_at, now)) }
        }
    }
}
