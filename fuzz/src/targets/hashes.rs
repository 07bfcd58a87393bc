//! Stored hashes of whatever origin. They are read, and not computed: that would take all the time.

use domain::sessions::PasswordHash;

#[expect(dead_code, reason = "only what reads is tried")]
#[path = "../../../crates/passwords/src/argon2id.rs"]
mod argon2id;
#[expect(dead_code, reason = "only what reads is tried")]
#[path = "../../../crates/passwords/src/django.rs"]
mod django;

/// Whatever it is, it is of one kind at most, and is not shown.
pub fn run(input: &[u8]) {
    let Ok(raw) = std::str::from_utf8(input) else {
        return;
    };
    let argon2 = argon2id::Argon2Hash::parse(raw);
    let django = django::DjangoHash::parse(raw);
    assert!(argon2.is_none() || django.is_none());
    let stored = PasswordHash::from_stored(raw);
    assert!(raw.len() < 20 || !format!("{stored:?}").contains(raw));
}
