//! Every value of the domain that is parsed out of text, and what it promises.

use domain::Timestamp;
use domain::conversations::Seq;
use domain::messages::{ClientId, MessageBody};
use domain::sessions::{NewPassword, SessionToken};
use domain::users::{DisplayName, SearchTerm, Username, search_keys};

/// What was parsed is within its rule, and parses again to the same.
pub fn run(input: &[u8]) {
    if let Some(bytes) = input.first_chunk::<8>() {
        let number = i64::from_be_bytes(*bytes);
        assert_eq!(Seq::new(number).is_ok(), number >= 0);
        let _ = Timestamp::from_unix_millis(number).map(|at| at.to_string());
    }
    let Ok(raw) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(body) = MessageBody::parse(raw) {
        let text = body.as_str();
        assert!((1..=MessageBody::MAX_CHARS).contains(&text.chars().count()));
        assert!(
            !text
                .chars()
                .any(|c| c.is_control() && c != '\t' && c != '\n')
        );
        assert_eq!(MessageBody::parse(text), Ok(body.clone()));
    }
    if let Ok(name) = Username::parse(raw) {
        assert_eq!(name.as_str(), raw);
        assert!(
            raw.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"@.+-_".contains(&b))
        );
        let keys = search_keys(&name, &DisplayName::of_username(&name));
        assert!(!keys.is_empty());
    }
    if let Ok(name) = DisplayName::parse(raw) {
        assert!((1..=DisplayName::MAX_CHARS).contains(&name.as_str().chars().count()));
        assert!(!name.as_str().chars().any(char::is_control));
        assert_eq!(DisplayName::parse(name.as_str()), Ok(name.clone()));
    }
    if let Some(term) = SearchTerm::parse(raw) {
        assert!((1..=DisplayName::MAX_CHARS).contains(&term.as_str().chars().count()));
    }
    if let Ok(token) = SessionToken::parse(raw) {
        assert_eq!(token.expose(), raw);
    }
    if let Ok(id) = ClientId::parse(raw) {
        assert_eq!(ClientId::parse(&id.to_string()), Ok(id));
    }
    if let Ok(at) = Timestamp::parse(raw) {
        assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
    }
    let _ = NewPassword::parse(raw);
}
