use domain::Timestamp;
use domain::users::User;
use maud::{DOCTYPE, Markup, html};

use super::avatar::avatar;
use crate::pages::{Pane, View};
use crate::{assets, paths};

/// htmx: no style element of its own (the CSP forbids it), and these statuses leave the page as
/// it is (the script says what went wrong).
const HTMX: &str = r#"{"includeIndicatorCSS":false,"noSwap":[204,304,403,413,429,"5xx"]}"#;

/// A whole page for somebody signed in.
pub(crate) fn page(pane: &Pane, viewer: &User, inbox: &Markup, made_at: Timestamp) -> Markup {
    document(
        &pane.title,
        &html! {
            body.shell data-viewer=(viewer.username.key()) data-events=(paths::Events)
                data-made-at=(made_at.unix_millis()) {
                a.skip href="#main" { "Skip to content" }
                div.sidebar {
                    header.account {
                        (avatar(viewer))
                        p.name { bdi { (viewer.display_name) } }
                        form method="post" action=(paths::Logout) {
                            button.quiet type="submit" { "Sign out" }
                        }
                    }
                    nav.places aria-label="Main" {
                        (place("Conversations", &paths::Inbox.to_string(), pane.view == View::Inbox))
                        (place("People", &paths::Users.to_string(), pane.view == View::People))
                    }
                    div #inbox { (inbox) }
                }
                main #main tabindex="-1" { (pane.content) }
                p #notice role="status" hidden {}
                p #offline role="status" hidden { "No connection. Trying again…" }
                p.hidden #arrivals role="log" {}
            }
        },
    )
}

/// The pane for htmx, with what changes beside it.
pub(crate) fn pane(pane: &Pane, inbox: &Markup) -> Markup {
    html! {
        title { (title(&pane.title)) }
        (pane.content)
        hx-partial hx-target="#inbox" { (inbox) }
    }
}

/// A page for whoever is not signed in, or for what went wrong.
pub(crate) fn plain(heading: &str, content: &Markup) -> Markup {
    document(
        heading,
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

fn document(heading: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="htmx-config" content=(HTMX);
                title { (title(heading)) }
                link rel="icon" href=(assets::ICON.path()) type="image/svg+xml";
                link rel="stylesheet" href=(assets::STYLE.path());
                script src=(assets::SCRIPT.path()) defer {}
            }
            (body)
        }
    }
}

fn title(heading: &str) -> String {
    format!("{heading} · jbl-chat")
}

fn place(name: &str, path: &str, current: bool) -> Markup {
    html! {
        a href=(path) hx-get=(path) hx-target="#main" hx-push-url="true"
            aria-current=[current.then_some("page")] { (name) }
    }
}
