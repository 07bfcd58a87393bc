//! What is fuzzed, each by the feature whose input it reads.

pub mod cursors;
pub mod events;
pub mod fixtures;
pub mod hashes;
pub mod headers;
pub mod requests;
pub mod settings;
pub mod values;
