//! Places in lists, which come back from clients.

use domain::conversations::InboxCursor;
use domain::users::DirectoryCursor;
use web::requests::Cursor;

/// What is read as a place is written as the same word again.
pub fn run(input: &[u8]) {
    let Ok(word) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(cursor) = DirectoryCursor::from_word(word) {
        assert_eq!(cursor.to_word(), word);
    }
    if let Ok(cursor) = InboxCursor::from_word(word) {
        assert_eq!(cursor.to_word(), word);
    }
}
