use std::fmt;
use std::hash::{Hash, Hasher};

/// A user's name: 1–150 of ASCII letters, digits and `@ . + - _`, kept as written; two that
/// differ only in case are equal.
#[derive(Clone, Debug)]
pub struct Username(String);

/// Why something is not a [`Username`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Nothing was given.
    #[error("must not be empty")]
    Empty,
    /// More than 150 characters.
    #[error("must have at most 150 characters")]
    TooLong,
    /// Some other character is in it.
    #[error("may have only letters, digits and @ . + - _")]
    Forbidden,
}

impl Username {
    /// The most characters a name may have.
    pub const MAX_CHARS: usize = 150;

    /// # Errors
    /// [`UsernameError`] says which part of the rule is broken.
    pub fn parse(raw: &str) -> Result<Self, UsernameError> {
        if raw.is_empty() {
            return Err(UsernameError::Empty);
        }
        if raw.chars().count() > Self::MAX_CHARS {
            return Err(UsernameError::TooLong);
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"@.+-_".contains(&b);
        if !raw.bytes().all(allowed) {
            return Err(UsernameError::Forbidden);
        }
        Ok(Self(raw.to_owned()))
    }

    /// As it was written when the account was made.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes it unique: the name in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Username {}

impl Hash for Username {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_differ_in_case_are_one() {
        let (a, b) = (
            Username::parse("MaryBrown").unwrap(),
            Username::parse("marybrown").unwrap(),
        );
        assert_eq!(a, b);
        assert_eq!(a.as_str(), "MaryBrown");
        assert_eq!(a.key(), "marybrown");
    }

    #[test]
    fn the_rule_has_its_edges() {
        assert_eq!(Username::parse(""), Err(UsernameError::Empty));
        assert!(Username::parse(&"a".repeat(150)).is_ok());
        assert_eq!(
            Username::parse(&"a".repeat(151)),
            Err(UsernameError::TooLong)
        );
        assert!(Username::parse("a.b+c-d_e@f9").is_ok());
        for raw in ["a b", "a/b", "é", "a\0", "<script>", "a\n"] {
            assert_eq!(
                Username::parse(raw),
                Err(UsernameError::Forbidden),
                "{raw:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_parses_is_safe_in_a_path(raw in ".{0,160}") {
            if let Ok(name) = Username::parse(&raw) {
                prop_assert_eq!(name.as_str(), raw);
                prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_graphic() && b != b'/'));
            }
        }
    }
}
