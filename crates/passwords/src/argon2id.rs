//! Hashes of today's kind.

use argon2::password_hash::Error;
use argon2::password_hash::phc;
use argon2::{ARGON2ID_IDENT, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use domain::sessions::{HashError, PasswordHash, Verdict};

/// More memory than this (128 MiB, in KiB) is not spent on a stored hash, wherever it came from.
const MOST_MEMORY_KIB: u32 = 128 * 1024;
/// Nor more passes.
const MOST_PASSES: u32 = 16;

/// A hash of no account's password. It has the parameters, the salt length and the output length
/// of [`hash`], so that verifying against it takes as long as against a real one.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1\
    $amJsLWNoYXQgZGVjb3khIQ$yr1kLg2G3Q8nZ0cS4rVw5mB7tJ6uXaHqTfPeNiKoDlE";

/// A stored Argon2 hash that is affordable to verify.
#[derive(Debug)]
pub(crate) struct Argon2Hash(phc::PasswordHash);

/// Makes a hash with a new random salt.
pub(crate) fn hash(password: &str) -> Result<PasswordHash, HashError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| PasswordHash::from_stored(hash.to_string()))
        .map_err(failed)
}

impl Argon2Hash {
    /// `None` when it is another kind of hash, incomplete, or too expensive.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        if !raw.starts_with("$argon2") {
            return None;
        }
        let hash = phc::PasswordHash::new(raw).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let affordable = params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_PASSES;
        (affordable && hash.salt.is_some() && hash.hash.is_some()).then_some(Self(hash))
    }

    /// The one to verify against when there is none.
    pub(crate) fn decoy() -> Result<Self, HashError> {
        phc::PasswordHash::new(DECOY)
            .map(Self)
            .map_err(|error| HashError(error.into()))
    }

    pub(crate) fn verify(&self, password: &str) -> Result<Verdict, HashError> {
        match Argon2::default().verify_password(password.as_bytes(), &self.0) {
            Ok(()) if self.is_todays() => Ok(Verdict::Match),
            Ok(()) => Ok(Verdict::MatchOutdated),
            Err(Error::PasswordInvalid) => Ok(Verdict::Mismatch),
            Err(error) => Err(failed(error)),
        }
    }

    /// Whether [`hash`] would make one like it.
    pub(crate) fn is_todays(&self) -> bool {
        let Ok(params) = Params::try_from(&self.0) else {
            return false;
        };
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        let lengths = (
            self.0.salt.as_ref().map(|salt| salt.len()),
            self.0.hash.as_ref().map(phc::Output::len),
        );
        self.0.algorithm == ARGON2ID_IDENT
            && self.0.version == Some(Version::default().into())
            && cost(&params) == cost(&Params::default())
            && lengths
                == (
                    Some(argon2::RECOMMENDED_SALT_LEN),
                    Some(Params::DEFAULT_OUTPUT_LEN),
                )
    }
}

fn failed(error: Error) -> HashError {
    HashError(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "password", with 8 MiB, one pass and one lane.
    fn weaker() -> String {
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        Argon2::from(params)
            .hash_password(b"password")
            .unwrap()
            .to_string()
    }

    #[test]
    fn other_parameters_match_as_outdated() {
        let hash = Argon2Hash::parse(&weaker()).unwrap();
        assert_eq!(hash.verify("password").unwrap(), Verdict::MatchOutdated);
        assert_eq!(hash.verify("passwore").unwrap(), Verdict::Mismatch);
    }

    #[test]
    fn a_hash_that_would_cost_too_much_is_none() {
        let raw = weaker();
        for expensive in ["m=999999,t=1,", "m=8192,t=1000,"] {
            let raw = raw.replace("m=8192,t=1,", expensive);
            assert!(Argon2Hash::parse(&raw).is_none(), "{expensive}");
        }
        assert!(Argon2Hash::parse("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ").is_none());
        assert!(Argon2Hash::parse("$argon2id$").is_none());
    }

    #[test]
    fn the_decoy_costs_what_a_real_hash_costs() {
        let real = Argon2Hash::parse(hash("password").unwrap().as_str()).unwrap();
        assert!(real.is_todays());
        assert!(Argon2Hash::decoy().unwrap().is_todays());
    }
}
