use domain::messages::ClientId;
use domain::users::{User, Username};
use maud::{Markup, html};

use crate::paths;

/// What stands in the composer.
pub(crate) struct Draft<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// The id under which it will be sent.
    pub(crate) client_id: ClientId,
    /// Why it has not been.
    pub(crate) error: Option<&'a str>,
    /// Whether the history it adds to stands on the same page.
    pub(crate) beside_history: bool,
}

/// An empty one.
pub(crate) fn fresh(with: &User, client_id: ClientId) -> Markup {
    form(
        &with.username,
        &Draft {
            text: "",
            client_id,
            error: None,
            beside_history: true,
        },
    )
}

/// The form a message is written in.
///
/// With htmx the answer is the bubble, put at the end of the history. Our script lets htmx collect
/// the form and then sends it itself, through its outbox, one after the other.
pub(crate) fn form(to: &Username, draft: &Draft<'_>) -> Markup {
    let path = paths::messages(to);
    let hx = draft.beside_history;
    html! {
        form.composer #composer method="post" action=(path) hx-post=[hx.then_some(&path)]
            hx-target="#messages" hx-swap="beforeend" hx-sync="this:queue all" {
            input type="hidden" name="client_id" value=(draft.client_id);
            label.hidden for="body" { "Message" }
            textarea #body name="body" rows="3" required dir="auto" placeholder="Message"
                autocomplete="off" aria-invalid=[draft.error.map(|_| "true")]
                aria-describedby=[draft.error.map(|_| "composer-error")] {
                // A browser drops the first line break in a textarea: this one.
                "\n" (draft.text)
            }
            button.primary type="submit" { "Send" }
            @if let Some(error) = draft.error {
                p.error #composer-error role="alert" { (error) }
            }
        }
    }
}
