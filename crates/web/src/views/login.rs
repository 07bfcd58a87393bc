use maud::{Markup, html};

use super::layout;
use crate::paths;
use crate::requests::Looks;

/// The sign-in form; after a wrong sign-in with the name kept and the reason beside it.
pub(crate) fn page(username: &str, next: &str, error: Option<&str>, looks: &Looks) -> Markup {
    layout::plain(
        "Sign in",
        &html! {
            @if error.is_none() && !next.is_empty() { p.hint { "Please sign in to go on." } }
            form.card method="post" action=(paths::Login) {
                input type="hidden" name="next" value=(next);
                label for="username" { "Username" }
                input #username name="username" value=(username) required autocomplete="username"
                    autocapitalize="none" spellcheck="false" autofocus[error.is_none()];
                label for="password" { "Password" }
                input #password name="password" type="password" required
                    autocomplete="current-password" autofocus[error.is_some()] aria-invalid=[error.map(|_| "true")]
                    aria-describedby=[error.map(|_| "login-error")];
                @if let Some(error) = error {
                    p.error #login-error role="alert" { (error) }
                }
                button.primary type="submit" { "Sign in" }
            }
        },
        looks,
    )
}
