use std::error::Error;
use std::fmt;

use async_trait::async_trait;

use super::Password;

/// A stored password hash in its own textual form, which names the algorithm. Prints as
/// `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// As it stands in the store; whether anything can verify it is the hasher's to say.
    #[must_use]
    pub fn from_stored(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }

    /// The text to store or to verify against.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Whether a password is the one a hash was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is, and the hash is of today's kind.
    Match,
    /// It is, and the hash should be replaced by a new one of the same password.
    MatchOutdated,
    /// It is not, or there was no hash, or no way to verify this kind.
    Mismatch,
}

/// The hasher could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("the password hasher failed")]
pub struct HashError(#[source] pub Box<dyn Error + Send + Sync>);

/// Port: slow, salted password hashing.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A hash of today's kind with a salt of its own. Many at once wait for each other instead of
    /// taking all memory or all threads.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError>;

    /// Compares. Without a hash it takes as long as with one of today's kind and says
    /// [`Verdict::Mismatch`], so that the time does not tell whether a user exists.
    async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<Verdict, HashError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_prints_as_redacted() {
        assert_eq!(
            format!("{:?}", PasswordHash::from_stored("$argon2id$…")),
            "[redacted]"
        );
    }
}
