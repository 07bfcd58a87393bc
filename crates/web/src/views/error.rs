use maud::{Markup, html};

use super::layout;
use crate::paths;
use crate::requests::Looks;

/// A page of its own. `id` lets an operator find what happened.
pub(crate) fn page(heading: &str, advice: &str, id: Option<&str>, looks: &Looks) -> Markup {
    layout::plain(heading, &explained(advice, id), looks)
}

/// In place of the pane.
pub(crate) fn pane(heading: &str, advice: &str, id: Option<&str>) -> Markup {
    html! {
        section.centred data-view="error" {
            h1 { (heading) }
            (explained(advice, id))
        }
    }
}

/// In place of a part of the pane.
pub(crate) fn notice(heading: &str, advice: &str) -> Markup {
    html! { p.error role="alert" { (heading) ". " (advice) } }
}

/// A page that gives back what was written, with the form to try again.
pub(crate) fn keeping(composer: &Markup, looks: &Looks) -> Markup {
    layout::plain(
        "Not sent",
        &html! {
            (composer)
            p { a href=(paths::Inbox) { "To your conversations" } }
        },
        looks,
    )
}

fn explained(advice: &str, id: Option<&str>) -> Markup {
    html! {
        p { (advice) }
        @if let Some(id) = id {
            p.hint { "If you ask about it, name this number: " code { (id) } }
        }
        p { a href=(paths::Home) { "To the start page" } }
    }
}
