//! Password hashing: the adapter of [`domain::sessions::PasswordHasher`].
//!
//! New hashes are Argon2id with the least parameters OWASP advises (19 MiB, two passes, one
//! lane). Hashes that came with imported accounts, Django's `pbkdf2_sha256`, verify too and are
//! reported as outdated, so that the first sign-in replaces them.
//!
//! # What never happens here
//! No hashing on an async thread, and never on all cores at once. No answer faster than one
//! Argon2id for a name that does not exist or a hash nobody can verify. No comparison that stops
//! at the first byte that differs. No password and no hash in a log or an error.
//!
//! # To verify one more kind of hash
//! Give it a file that parses its text and bounds its cost, and a variant in `check::Check`.

mod argon2id;
mod check;
mod django;
mod hasher;

pub use hasher::Argon2Hasher;
