use maud::{Markup, html};

/// A field that somebody types into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The display name.
    Name,
    /// The password so far.
    OldPassword,
    /// The password from now on.
    NewPassword,
    /// The same again.
    NewPasswordAgain,
}

/// Why what was typed is not taken.
pub(crate) struct Wrong<'a> {
    /// Where it was typed.
    pub(crate) field: Field,
    /// What it was; of a password nothing.
    pub(crate) typed: &'a str,
    /// The reason, as a sentence.
    pub(crate) why: &'a str,
}

impl Field {
    /// Its name in the form and its id on the page.
    fn name(self) -> &'static str {
        match self {
            Self::Name => "display_name",
            Self::OldPassword => "old_password",
            Self::NewPassword => "new_password",
            Self::NewPasswordAgain => "new_password_again",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Display name",
            Self::OldPassword => "Password so far",
            Self::NewPassword => "New password",
            Self::NewPasswordAgain => "New password again",
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::OldPassword => "current-password",
            Self::NewPassword | Self::NewPasswordAgain => "new-password",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Name => "text",
            Self::OldPassword | Self::NewPassword | Self::NewPasswordAgain => "password",
        }
    }
}

/// A field with its label, this in it, a hint that stays, and the reason why it is wrong.
pub(super) fn field(field: Field, value: &str, hint: &str, wrong: Option<&Wrong<'_>>) -> Markup {
    let name = field.name();
    let wrong = wrong.filter(|wrong| wrong.field == field);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = match (wrong, hint) {
        (Some(_), "") => Some(error_id.clone()),
        (Some(_), _) => Some(format!("{error_id} {hint_id}")),
        (None, "") => None,
        (None, _) => Some(hint_id.clone()),
    };
    html! {
        label for=(name) { (field.label()) }
        input id=(name) name=(name) type=(field.kind()) value=[(!value.is_empty()).then_some(value)]
            required autocomplete=(field.autocomplete()) autofocus[wrong.is_some()]
            aria-invalid=[wrong.map(|_| "true")] aria-describedby=[described_by];
        @if let Some(wrong) = wrong {
            p.error id=(error_id) role="alert" { (wrong.why) }
        }
        @if !hint.is_empty() {
            p.hint id=(hint_id) { (hint) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stands_at_its_field_and_at_no_other() {
        let wrong = Wrong {
            field: Field::NewPassword,
            typed: "",
            why: "Too short.",
        };
        let html = field(Field::NewPassword, "", "Eight or more.", Some(&wrong)).into_string();
        for piece in [
            r#"aria-describedby="new_password-error new_password-hint""#,
            r#"aria-invalid="true""#,
            r#"<p class="error" id="new_password-error" role="alert">Too short.</p>"#,
            r#"<p class="hint" id="new_password-hint">Eight or more.</p>"#,
        ] {
            assert!(html.contains(piece), "{piece}: {html}");
        }
        let html = field(Field::OldPassword, "", "", Some(&wrong)).into_string();
        assert!(
            !html.contains("aria-") && !html.contains("Too short"),
            "{html}"
        );
    }
}
