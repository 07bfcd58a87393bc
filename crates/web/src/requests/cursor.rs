use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use domain::conversations::{ConversationId, InboxCursor};
use domain::users::{DirectoryCursor, UserId};
use uuid::Uuid;

/// A place in a list, written as one opaque word in URLs and JSON.
///
/// The word is base64url over the sixteen bytes of an id and then a sort key. It is not signed:
/// whoever makes one up only begins their own list elsewhere.
pub trait Cursor: Sized {
    /// The word.
    fn to_word(&self) -> String;

    /// # Errors
    /// [`CursorError`] when the word is not one that [`Cursor::to_word`] wrote.
    fn from_word(word: &str) -> Result<Self, CursorError>;
}

/// Why something is not a [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor from this list")]
pub struct CursorError;

impl Cursor for DirectoryCursor {
    fn to_word(&self) -> String {
        encode(self.id.0, self.key.as_bytes())
    }

    fn from_word(word: &str) -> Result<Self, CursorError> {
        let (id, key) = decode(word)?;
        let key = String::from_utf8(key).map_err(|_| CursorError)?;
        if key.contains('\0') {
            Err(CursorError)
        } else {
            Ok(Self {
                key,
                id: UserId(id),
            })
        }
    }
}

impl Cursor for InboxCursor {
    fn to_word(&self) -> String {
        encode(self.id.0, &self.active_at.unix_millis().to_be_bytes())
    }

    fn from_word(word: &str) -> Result<Self, CursorError> {
        let (id, key) = decode(word)?;
        let millis = i64::from_be_bytes(key.try_into().map_err(|_| CursorError)?);
        let active_at = Timestamp::from_unix_millis(millis).map_err(|_| CursorError)?;
        Ok(Self {
            active_at,
            id: ConversationId(id),
        })
    }
}

fn encode(id: Uuid, key: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode([id.as_bytes(), key].concat())
}

fn decode(word: &str) -> Result<(Uuid, Vec<u8>), CursorError> {
    let mut bytes = URL_SAFE_NO_PAD.decode(word).map_err(|_| CursorError)?;
    let key = if bytes.len() >= 16 {
        bytes.split_off(16)
    } else {
        return Err(CursorError);
    };
    Ok((Uuid::from_slice(&bytes).map_err(|_| CursorError)?, key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back_as_written(key in "[^\0]{0,100}", id: u128, millis in 0..253_402_300_800_000_i64) {
            let cursor = DirectoryCursor { key, id: UserId(Uuid::from_u128(id)) };
            prop_assert_eq!(DirectoryCursor::from_word(&cursor.to_word()).unwrap(), cursor);
            let active_at = Timestamp::from_unix_millis(millis).unwrap();
            let cursor = InboxCursor { active_at, id: ConversationId(Uuid::from_u128(id)) };
            prop_assert_eq!(InboxCursor::from_word(&cursor.to_word()).unwrap(), cursor);
        }

        #[test]
        fn anything_else_is_refused_without_a_panic(word in any::<String>()) {
            if let Ok(cursor) = DirectoryCursor::from_word(&word) {
                prop_assert_eq!(cursor.to_word(), word.clone());
            }
            if let Ok(cursor) = InboxCursor::from_word(&word) {
                prop_assert_eq!(cursor.to_word(), word);
            }
        }
    }
}
