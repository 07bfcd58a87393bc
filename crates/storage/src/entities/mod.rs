//! The tables whose rows are written and read one by one, with raw values.
//!
//! Joins, pages and sends are statements of their own beside the port they serve.

pub(crate) mod sessions;
pub(crate) mod user_search_keys;
pub(crate) mod users;
