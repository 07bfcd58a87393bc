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
}

/// An empty one.
pub(crate) fn fresh(with: &User, client_id: ClientId) -> Markup {
    form(
        &with.username,
        &Draft {
            text: "",
            client_id,
            error: None,
        },
    )
}

/// The form a message is written in. The script sends it through its outbox.
pub(crate) fn form(to: &Username, draft: &Draft<'_>) -> Markup {
    html! {
        form.composer #composer method="post" action=(paths::messages(to)) {
            input type="hidden" name="client_id" value=(draft.client_id);
            label.hidden for="body" { "Message" }
            textarea #body name="body" rows="1" required dir="auto" placeholder="Message"
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

/// A bubble that is not stored yet, for the script to fill in.
pub(super) fn unsent() -> Markup {
    html! {
        template #unsent {
            li.unsent.message.mine {
                p.bubble dir="auto" {}
                p.meta { span.state {} }
                p.acts {
                    button.quiet type="button" data-act="retry" { "Retry" }
                    button.quiet type="button" data-act="edit" { "Edit" }
                    button.quiet type="button" data-act="copy" { "Copy" }
                }
            }
        }
    }
}
