use std::fmt;

use secrecy::{ExposeSecret, SecretBox};

/// What a signed-in client holds: 256 random bits, written as 64 hexadecimal digits. Prints as
/// `[redacted]`.
pub struct SessionToken(SecretBox<[u8; 32]>);

/// Why something is not a [`SessionToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a session token")]
pub struct SessionTokenError;

impl SessionToken {
    /// From what [`crate::Ids`] drew.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// Reads back what [`SessionToken::expose`] wrote.
    ///
    /// # Errors
    /// [`SessionTokenError`] for anything but 64 lower-case hexadecimal digits.
    pub fn parse(raw: &str) -> Result<Self, SessionTokenError> {
        let digits = raw.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(SessionTokenError);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Ok(Self::from_bytes(bytes))
    }

    /// The text for the client's cookie, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> String {
        self.as_bytes()
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                for digit in [byte >> 4, byte & 15] {
                    text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
                }
                text
            })
    }

    /// The bits, for digesting only.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

fn hex_digit(digit: u8) -> Result<u8, SessionTokenError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(SessionTokenError),
    }
}

impl Clone for SessionToken {
    fn clone(&self) -> Self {
        Self::from_bytes(*self.as_bytes())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_reads_back_as_written(bytes in any::<[u8; 32]>()) {
            let text = SessionToken::from_bytes(bytes).expose();
            prop_assert_eq!(text.len(), 64);
            let read = SessionToken::parse(&text).unwrap();
            prop_assert_eq!(read.as_bytes(), &bytes);
        }

        #[test]
        fn anything_else_is_refused(raw in ".{0,80}") {
            if let Ok(token) = SessionToken::parse(&raw) {
                prop_assert_eq!(token.expose(), raw);
            }
        }
    }

    #[test]
    fn near_misses_are_refused_and_nothing_is_printed() {
        let text = SessionToken::from_bytes([0xab; 32]).expose();
        let shouted = text.to_uppercase();
        let longer = format!("{text}0");
        let odd = text.replacen('a', "g", 1);
        for raw in [&text[1..], &shouted, &longer, &odd] {
            assert!(SessionToken::parse(raw).is_err(), "{raw}");
        }
        assert_eq!(
            format!("{:?}", SessionToken::from_bytes([1; 32])),
            "[redacted]"
        );
    }
}
