//! Hashes as Django stores them: `pbkdf2_sha256$iterations$salt$base64`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::sessions::Verdict;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Django's own default has grown to 1.2 million; more than this is not computed.
const MOST_ITERATIONS: u32 = 2_000_000;
/// The output of PBKDF2 with SHA-256, in bytes.
const OUTPUT_LEN: usize = 32;

/// A stored PBKDF2 hash that is affordable to verify. Its password, if it has one, always
/// matches as outdated.
#[derive(Debug)]
pub(crate) struct DjangoHash {
    iterations: u32,
    salt: String,
    output: [u8; OUTPUT_LEN],
}

impl DjangoHash {
    /// `None` when it is another kind of hash, damaged, or too expensive.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        let mut parts = raw.strip_prefix("pbkdf2_sha256$")?.split('$');
        let (iterations, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
        let iterations = iterations.parse().ok()?;
        let in_bounds = (1..=MOST_ITERATIONS).contains(&iterations);
        if !in_bounds || salt.is_empty() || parts.next().is_some() {
            return None;
        }
        Some(Self {
            iterations,
            salt: salt.to_owned(),
            output: STANDARD.decode(output).ok()?.try_into().ok()?,
        })
    }

    pub(crate) fn verify(&self, password: &str) -> Verdict {
        let computed = pbkdf2::pbkdf2_hmac_array::<Sha256, OUTPUT_LEN>(
            password.as_bytes(),
            self.salt.as_bytes(),
            self.iterations,
        );
        if computed.ct_eq(&self.output).into() {
            Verdict::MatchOutdated
        } else {
            Verdict::Mismatch
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Django of "password".
    const STORED: &str =
        "pbkdf2_sha256$260000$uoY9J713v3My9JIAweUEJx$i/6clVbbEZVpefELby2IuA7DZsDOeuLzMH2wENn/Rxw=";

    #[test]
    fn a_hash_made_by_django_matches_its_password_as_outdated() {
        let hash = DjangoHash::parse(STORED).unwrap();
        assert_eq!(hash.verify("password"), Verdict::MatchOutdated);
        assert_eq!(hash.verify("Password"), Verdict::Mismatch);
        assert_eq!(hash.verify(""), Verdict::Mismatch);
    }

    #[test]
    fn what_is_damaged_or_too_expensive_is_none() {
        let salted = |iterations: &str| STORED.replace("$260000$", iterations);
        for damaged in [
            salted("$0$"),
            salted("$-1$"),
            salted("$2000001$"),
            salted("$99999999999$"),
            salted("$many$"),
            STORED.replace("uoY9J713v3My9JIAweUEJx", ""),
            STORED.replace("Rxw=", ""),
            STORED.replace("Rxw=", "R!w="),
            format!("{STORED}$more"),
            STORED.replace("pbkdf2_sha256", "pbkdf2_sha1"),
            "pbkdf2_sha256$260000".to_owned(),
        ] {
            assert!(DjangoHash::parse(&damaged).is_none(), "{damaged}");
        }
        assert!(DjangoHash::parse(&salted("$2000000$")).is_some());
    }
}
