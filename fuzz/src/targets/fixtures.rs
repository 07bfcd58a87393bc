//! Files of the Django version: `user.json`, a byte that is in no JSON, `message.json`.

#[path = "../../../xtask/src/seed/fixtures/entries.rs"]
mod entries;
#[expect(dead_code, reason = "only what reads is tried")]
#[path = "../../../xtask/src/seed/fixtures/parse.rs"]
mod parse;

use std::fs;
use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a temporary folder"));

/// Bad files are refused with a reason; good ones name nobody who is not in them.
pub fn run(input: &[u8]) {
    let mut parts = input.splitn(2, |byte| *byte == 0xff);
    let (users, messages) = (parts.next().unwrap_or(b""), parts.next().unwrap_or(b"[]"));
    let folder = FOLDER.path();
    fs::write(folder.join("user.json"), users).expect("room for a file");
    fs::write(folder.join("message.json"), messages).expect("room for a file");
    match parse::Fixtures::read(folder) {
        Ok(fixtures) => {
            let names: Vec<_> = fixtures.users.iter().map(|user| &user.username).collect();
            for message in &fixtures.messages {
                assert!(names.contains(&&message.sender) && names.contains(&&message.recipient));
                assert_ne!(message.sender, message.recipient);
            }
        }
        Err(error) => assert!(!format!("{error:#}").is_empty()),
    }
}
