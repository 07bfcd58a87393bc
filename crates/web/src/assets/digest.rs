//! What tells one file from another: for the build script, which brings in a file of somebody else's,
//! and for its tests.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// The SHA-256 of these bytes, in hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of a file of someone else's, when they are those we mean.
pub(crate) fn verified(path: &Path, expected: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let found = digest(&bytes);
    if found == expected {
        Ok(bytes)
    } else {
        Err(format!("{}: SHA-256 is {found}, not {expected}", path.display()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_only_with_every_bit_as_it_should_be() {
        let file = std::env::temp_dir().join(format!("jbl-chat-digest-{}", std::process::id()));
        let script = b"let htmx = 4;".to_vec();
        let expected = digest(&script);
        fs::write(&file, &script).unwrap();
        assert_eq!(verified(&file, &expected).unwrap(), script);
        for bit in 0..script.len() * 8 {
            let mut tampered = script.clone();
            tampered[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, &tampered).unwrap();
            let refused = verified(&file, &expected).unwrap_err().to_string();
            assert!(refused.contains(&expected), "{refused}");
        }
        fs::write(&file, [&script[..], b"\n"].concat()).unwrap();
        assert!(verified(&file, &expected).is_err());
        fs::remove_file(&file).unwrap();
        assert!(verified(&file, &expected).is_err());
    }

    #[test]
    fn a_digest_is_the_one_that_others_compute() {
        let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(b"abc"), of_abc);
    }
}
