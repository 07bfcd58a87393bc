use domain::users::User;
use maud::{Markup, html};

use super::field::{Field, Wrong, field};
use crate::paths;

/// A new password, for who knows the old one.
pub(super) fn form(viewer: &User, wrong: Option<&Wrong<'_>>) -> Markup {
    html! {
        form.card method="post" action=(paths::SettingsPassword) aria-labelledby="password" {
            h2 #password { "Password" }
            p.hint { "A new one ends all your other sessions." }
            // For whoever keeps passwords: which account this one belongs to.
            input.hidden type="text" name="username" value=(viewer.username) autocomplete="username"
                readonly tabindex="-1" aria-hidden="true";
            (field(Field::OldPassword, "", "", wrong))
            (field(Field::NewPassword, "", "At least 8 characters.", wrong))
            (field(Field::NewPasswordAgain, "", "", wrong))
            button.primary type="submit" { "Change password" }
        }
    }
}
