use domain::users::User;
use maud::{DOCTYPE, Markup, html};

use super::avatar::avatar;
use super::room::RoomFor;
use super::{composer, shortcuts, users};
use crate::pages::{Pane, View};
use crate::requests::{Looks, Reader, Theme};
use crate::{assets, paths};

/// htmx: no style element of its own (the CSP forbids it), no waiting for longer than the server
/// takes to give up, and these statuses leave the page as
/// it is (the script says what went wrong).
const HTMX: &str =
    r#"{"includeIndicatorCSS":false,"defaultTimeout":25000,"noSwap":[204,304,403,413,429,"5xx"]}"#;

/// A whole page for somebody signed in.
pub(crate) fn page(pane: &Pane, reader: &Reader, inbox: &Markup, unread: u64) -> Markup {
    document(
        &title(&pane.title, unread),
        &reader.looks,
        &html! {
            (RoomFor(inbox.0.len() + pane.content.0.len()))
            body.shell data-viewer=(reader.user.username.key()) data-events=(paths::Events)
                data-made-at=(reader.now.unix_millis()) {
                a.skip href="#main" { "Skip to content" }
                header.sidebar {
                    (users::search(&pane.typed))
                    nav.places aria-label="Main" {
                        (place("Conversations", &paths::Inbox.to_string(), pane.view == View::Inbox))
                        (place("People", &paths::Users.to_string(), pane.view == View::People))
                    }
                    div #inbox { (inbox) }
                    (account(&reader.user))
                }
                main #main tabindex="-1" { (pane.content) }
                p #notice role="status" hidden { "That did not work. Please try again in a moment." }
                p #offline role="status" hidden { "No connection. Trying again…" }
                div.hidden #arrivals role="log" aria-label="New messages" {}
                (shortcuts::dialog())
                (composer::unsent())
            }
        },
    )
}

/// The pane for htmx, with what changes beside it.
pub(crate) fn pane(pane: &Pane, inbox: &Markup, unread: u64) -> Markup {
    html! {
        title { (title(&pane.title, unread)) }
        (pane.content)
        hx-partial hx-target="#inbox" { (inbox) }
    }
}

/// A page for whoever is not signed in, or for what went wrong.
pub(crate) fn plain(heading: &str, content: &Markup, looks: &Looks) -> Markup {
    document(
        &title(heading, 0),
        looks,
        &html! {
            body.plain {
                main #main {
                    h1 { (heading) }
                    (content)
                }
            }
        },
    )
}

fn document(title: &str, looks: &Looks, body: &Markup) -> Markup {
    html! {
        (RoomFor(body.0.len()))
        (DOCTYPE)
        @let theme = Some(looks.theme).filter(|theme| *theme != Theme::System);
        html lang="en" data-theme=[theme.map(Theme::as_str)] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                meta name="color-scheme" content=(theme.map_or("light dark", Theme::as_str));
                meta name="htmx-config" content=(HTMX);
                title { (title) }
                link rel="icon" href=(assets::ICON.path()) type="image/svg+xml";
                link rel="manifest" href=(assets::MANIFEST.path());
                link rel="stylesheet" href=(assets::STYLE.path());
                script src=(assets::SCRIPT.path()) defer {}
            }
            (body)
        }
    }
}

fn title(heading: &str, unread: u64) -> String {
    if unread == 0 {
        format!("{heading} · jbl-chat")
    } else {
        format!("({unread}) {heading} · jbl-chat")
    }
}

fn place(name: &str, path: &str, current: bool) -> Markup {
    html! {
        a href=(path) hx-get=(path) hx-target="#main" hx-sync="#main:replace" hx-push-url="true"
            aria-current=[current.then_some("page")] { (name) }
    }
}

fn account(viewer: &User) -> Markup {
    html! {
        div.account {
            (avatar(viewer))
            p.name { bdi { (viewer.display_name) } }
            (shortcuts::button())
            a.quiet href=(paths::Settings) hx-get=(paths::Settings) hx-target="#main" hx-sync="#main:replace" hx-push-url="true" { "Settings" }
            form method="post" action=(paths::Logout) {
                button.quiet type="submit" { "Sign out" }
            }
        }
    }
}
