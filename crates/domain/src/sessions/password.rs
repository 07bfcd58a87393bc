use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A password as somebody typed it. Prints as `[redacted]`.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// Whatever was typed: at sign-in every string is a possible password.
    #[must_use]
    pub fn typed(raw: String) -> Self {
        Self(SecretString::from(raw))
    }

    /// The text, for hashing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A password fit to be set: 8–256 characters and not one of the commonest.
#[derive(Clone, Debug)]
pub struct NewPassword(Password);

/// Why something is not a [`NewPassword`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewPasswordError {
    /// Fewer than 8 characters.
    #[error("must have at least 8 characters")]
    TooShort,
    /// More than 256 characters.
    #[error("must have at most 256 characters")]
    TooLong,
    /// Everybody's first guess.
    #[error("is one of the commonest passwords")]
    Common,
}

/// Passwords of eight characters and more that top the published lists of leaked ones, in lower
/// case, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

impl NewPassword {
    /// # Errors
    /// [`NewPasswordError`] says which part of the rule is broken.
    pub fn parse(raw: &str) -> Result<Self, NewPasswordError> {
        let chars = raw.chars().count();
        if chars < 8 {
            return Err(NewPasswordError::TooShort);
        }
        if chars > 256 {
            return Err(NewPasswordError::TooLong);
        }
        let lower = raw.to_lowercase();
        let mut distinct = lower.chars().collect::<Vec<_>>();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() == 1 || COMMON.lines().any(|common| common == lower) {
            return Err(NewPasswordError::Common);
        }
        Ok(Self(Password::typed(raw.to_owned())))
    }
}

impl From<NewPassword> for Password {
    fn from(new: NewPassword) -> Self {
        new.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_has_its_edges() {
        let parse =
            |raw: &str| NewPassword::parse(raw).map(|p| Password::from(p).expose().to_owned());
        assert_eq!(parse("abcdefg"), Err(NewPasswordError::TooShort));
        assert_eq!(parse("grün wie"), Ok("grün wie".to_owned()));
        assert!(parse(&"ab".repeat(128)).is_ok());
        assert_eq!(parse(&"ab".repeat(129)), Err(NewPasswordError::TooLong));
        for common in [
            "password",
            "Password1",
            "12345678",
            "qwertyuiop",
            "zzzzzzzzzz",
        ] {
            assert_eq!(parse(common), Err(NewPasswordError::Common), "{common}");
        }
    }

    #[test]
    fn the_list_of_common_passwords_has_no_dead_lines() {
        for line in COMMON.lines() {
            assert!(
                line.chars().count() >= 8 && line == line.to_lowercase(),
                "{line}"
            );
        }
    }

    #[test]
    fn a_password_prints_as_redacted() {
        assert_eq!(
            format!("{:?}", Password::typed("secret".to_owned())),
            "[redacted]"
        );
        let new = NewPassword::parse("secret words").unwrap();
        assert_eq!(format!("{new:?}"), "NewPassword([redacted])");
    }
}
