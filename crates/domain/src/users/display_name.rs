use std::fmt;

use super::Username;

/// The name people read: 1–100 characters after trimming, none of them a control character or one
/// that turns the direction of what is written around it (Unicode's embeddings, overrides and
/// isolates): with those a name can be made to look like another one's. Letters of every script
/// bring their direction with them and need none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

/// Why something is not a [`DisplayName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisplayNameError {
    /// Nothing but white space was given.
    #[error("must not be empty")]
    Empty,
    /// More than 100 characters.
    #[error("must have at most 100 characters")]
    TooLong,
    /// A line break or another control character is in it.
    #[error("must not have control characters")]
    Control,
    /// An embedding, override or isolate of direction is in it.
    #[error("must not have characters that change the direction of writing")]
    Direction,
}

impl DisplayName {
    /// The most characters it may have.
    pub const MAX_CHARS: usize = 100;

    /// # Errors
    /// [`DisplayNameError`] says which part of the rule is broken.
    pub fn parse(raw: &str) -> Result<Self, DisplayNameError> {
        let trimmed = raw.trim();
        if trimmed.is_empty() {
            return Err(DisplayNameError::Empty);
        }
        if trimmed.chars().count() > Self::MAX_CHARS {
            return Err(DisplayNameError::TooLong);
        }
        if trimmed.chars().any(char::is_control) {
            return Err(DisplayNameError::Control);
        }
        if trimmed.chars().any(turns_direction) {
            return Err(DisplayNameError::Direction);
        }
        Ok(Self(trimmed.to_owned()))
    }

    /// What a user without a display name is called: by their username, cut to fit.
    #[must_use]
    pub fn of_username(username: &Username) -> Self {
        Self(username.as_str().chars().take(Self::MAX_CHARS).collect())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_has_its_edges() {
        assert_eq!(DisplayName::parse("  Zoë Q. ").unwrap().as_str(), "Zoë Q.");
        assert_eq!(DisplayName::parse(" \t"), Err(DisplayNameError::Empty));
        assert!(DisplayName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(
            DisplayName::parse(&"é".repeat(101)),
            Err(DisplayNameError::TooLong)
        );
        assert_eq!(
            DisplayName::parse("a\u{7}b"),
            Err(DisplayNameError::Control)
        );
    }

    #[test]
    fn no_name_turns_the_direction_of_what_is_around_it() {
        for turn in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            assert_eq!(
                DisplayName::parse(&format!("yraM{turn}x")),
                Err(DisplayNameError::Direction),
                "{turn:?}"
            );
        }
        // Marks, which only show a direction, and joiners, which emoji and scripts are made with.
        for name in [
            "مرحبا",
            "שרה\u{200f} (QA)",
            "👩\u{200d}🔬",
            "می\u{200c}خواهم",
            "J\u{200e}",
        ] {
            assert!(DisplayName::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_long_username_is_cut_to_fit() {
        let username = Username::parse(&"u".repeat(150)).unwrap();
        assert_eq!(
            DisplayName::of_username(&username).as_str(),
            "u".repeat(100)
        );
    }
}
