//! What verifying a password will compute, decided before anything is computed.

use domain::sessions::{HashError, PasswordHash, Verdict};

use crate::argon2id::Argon2Hash;
use crate::django::DjangoHash;

/// A longer password than this, in bytes, is nobody's: a new one has at most 256 characters.
const LONGEST_PASSWORD: usize = 4 * 1024;

/// The work of one verification.
#[derive(Debug)]
pub(crate) enum Check {
    /// Argon2 with the parameters of the stored hash.
    Argon2(Box<Argon2Hash>),
    /// PBKDF2 with the iterations of the stored hash. It takes longer than Argon2id, which tells
    /// that the account exists and was imported, until its owner signs in for the first time.
    Django(DjangoHash),
    /// Argon2id of today's cost whose result does not count: there is no hash, nobody can verify
    /// its kind, or the password is too long to be anybody's.
    Decoy,
}

impl Check {
    pub(crate) fn of(password: &str, hash: Option<&PasswordHash>) -> Self {
        let Some(hash) = hash.filter(|_| password.len() <= LONGEST_PASSWORD) else {
            return Self::Decoy;
        };
        if let Some(hash) = Argon2Hash::parse(hash.as_str()) {
            Self::Argon2(Box::new(hash))
        } else if let Some(hash) = DjangoHash::parse(hash.as_str()) {
            Self::Django(hash)
        } else {
            Self::Decoy
        }
    }

    pub(crate) fn run(&self, password: &str) -> Result<Verdict, HashError> {
        match self {
            Self::Argon2(hash) => hash.verify(password),
            Self::Django(hash) => Ok(hash.verify(password)),
            // The password itself does not matter, and a long one must cost no more.
            Self::Decoy => Argon2Hash::decoy()?
                .verify("")
                .map(|_nobodys| Verdict::Mismatch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argon2id;

    #[test]
    fn a_known_and_an_unknown_user_cost_the_same() {
        let stored = argon2id::hash("correct horse").unwrap();
        let Check::Argon2(known) = Check::of("a guess", Some(&stored)) else {
            panic!("a hash of today's kind is verified with Argon2");
        };
        assert!(known.is_todays());
        assert!(matches!(Check::of("a guess", None), Check::Decoy));
        assert!(Argon2Hash::decoy().unwrap().is_todays());
    }

    #[test]
    fn what_nobody_can_verify_costs_the_decoy_and_matches_nothing() {
        for unusable in [
            "",
            "!",
            "!UnusableByDjango0123456789",
            "password",
            "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
            "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$aGFzaA",
            "$2b$12$abcdefghijklmnopqrstuv",
            "pbkdf2_sha256$2000001$salt$aGFzaA==",
        ] {
            let hash = PasswordHash::from_stored(unusable);
            let check = Check::of("password", Some(&hash));
            assert!(matches!(check, Check::Decoy), "{unusable}");
            assert_eq!(
                check.run("password").unwrap(),
                Verdict::Mismatch,
                "{unusable}"
            );
        }
    }

    #[test]
    fn an_endless_password_costs_no_more_than_another_and_is_nobodys() {
        let endless = "x".repeat(LONGEST_PASSWORD + 1);
        let stored = argon2id::hash(&endless).unwrap();
        let check = Check::of(&endless, Some(&stored));
        assert!(matches!(check, Check::Decoy));
        assert_eq!(check.run(&endless).unwrap(), Verdict::Mismatch);

        let longest = "x".repeat(LONGEST_PASSWORD);
        assert!(matches!(
            Check::of(&longest, Some(&stored)),
            Check::Argon2(_)
        ));
    }
}
