/// The text of a message: 1–8,000 characters after trimming, kept byte for byte but for line
/// endings, which become LF. Tab and line feed are its only control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageBody(String);

/// Why something is not a [`MessageBody`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageBodyError {
    /// Nothing but white space was given.
    #[error("must not be empty")]
    Empty,
    /// More than 8,000 characters.
    #[error("must have at most 8,000 characters")]
    TooLong,
    /// NUL or another control character is in it.
    #[error("must not have control characters other than tab and line break")]
    Control,
}

impl MessageBody {
    /// The most characters (Unicode scalar values) it may have.
    pub const MAX_CHARS: usize = 8_000;

    /// # Errors
    /// [`MessageBodyError`] says which part of the rule is broken.
    pub fn parse(raw: &str) -> Result<Self, MessageBodyError> {
        let trimmed = raw.trim();
        if trimmed.is_empty() {
            return Err(MessageBodyError::Empty);
        }
        let text = if trimmed.contains('\r') {
            trimmed.replace("\r\n", "\n")
        } else {
            trimmed.to_owned()
        };
        // No character takes less than a byte.
        if text.len() > Self::MAX_CHARS && text.chars().count() > Self::MAX_CHARS {
            return Err(MessageBodyError::TooLong);
        }
        if text
            .chars()
            .any(|c| c.is_control() && c != '\t' && c != '\n')
        {
            return Err(MessageBodyError::Control);
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(raw: &str) -> Result<String, MessageBodyError> {
        MessageBody::parse(raw).map(|body| body.as_str().to_owned())
    }

    #[test]
    fn the_rule_has_its_edges() {
        assert_eq!(parse(" \n\t "), Err(MessageBodyError::Empty));
        assert!(parse(&"x".repeat(8_000)).is_ok());
        assert!(parse(&format!("  {}\n", "👩‍👩‍👧".repeat(1_600))).is_ok());
        assert_eq!(parse(&"x".repeat(8_001)), Err(MessageBodyError::TooLong));
        for raw in ["a\0b", "a\u{1b}[31m", "a\rb", "a\u{85}b", "a\u{7f}b"] {
            assert_eq!(parse(raw), Err(MessageBodyError::Control), "{raw:?}");
        }
    }

    #[test]
    fn line_endings_become_line_feeds_and_count_once() {
        assert_eq!(parse("a\r\nb\r\n\r\nc").unwrap(), "a\nb\n\nc");
        assert!(parse(&format!("x{}y", "\r\n".repeat(7_998))).is_ok());
    }

    #[test]
    fn other_unicode_is_kept() {
        let odd = "\u{202e}evil\u{202c} \u{200b}z\u{feff} مرحبا e\u{301} 𝕏";
        assert_eq!(parse(odd).unwrap(), odd);
    }

    proptest! {
        #[test]
        fn what_parses_parses_again_to_the_same(raw in any::<String>()) {
            if let Ok(body) = MessageBody::parse(&raw) {
                prop_assert_eq!(MessageBody::parse(body.as_str()).unwrap(), body);
            }
        }
    }
}
