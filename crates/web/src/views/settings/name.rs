use domain::users::User;
use maud::{Markup, html};

use super::field::{Field, Wrong, field};
use crate::paths;

/// The name others read.
pub(super) fn form(viewer: &User, wrong: Option<&Wrong<'_>>) -> Markup {
    let typed = wrong.filter(|wrong| wrong.field == Field::Name);
    let value = typed.map_or(viewer.display_name.as_str(), |wrong| wrong.typed);
    html! {
        form.card method="post" action=(paths::SettingsName) aria-labelledby="name" {
            h2 #name { "Name" }
            p.hint { "You sign in as " bdi { "@" (viewer.username) } ". Others find you by either name." }
            (field(Field::Name, value, "", wrong))
            button.primary type="submit" { "Save name" }
        }
    }
}
