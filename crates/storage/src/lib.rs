//! Keeps what the ports of `domain` promise, in `SQLite` or `PostgreSQL`, chosen by the URL.
//!
//! [`Store::open`] connects; [`Store::users`], [`Store::sessions`], [`Store::conversations`] and
//! [`Store::messages`] are the ports. Files are named as in `domain`. Rows hold raw values and
//! are parsed again on the way out: what does not parse is a `StoreError`, never a panic.
//!
//! On `SQLite` one thread writes what is sent and read and gathers what waits into one commit
//! (`writer`), and a few threads with connections that cannot write do all reading
//! (`sqlite/readers`). On `PostgreSQL` there is one pool.
//!
//! # What never happens here
//! No rule of the chat but what a port promises: what may be sent, seen or signed in with is decided
//! in `domain`. No
//! change of the schema: that is `migrations`. No clock and no new ids. No password, token or
//! message is logged. No query's cost grows with what it does not return.
//!
//! # To add a query
//! Write its promise at the port, then the statement beside the others of its feature with `$1`,
//! `$2`, … for its values, which both databases understand; then its contract test, which runs on
//! both, and its plan in `plans.rs`.

mod conversations;
mod database;
mod entities;
mod failure;
mod figures;
mod import;
mod json;
mod messages;
#[cfg(test)]
mod plans;
mod postgres;
mod rows;
mod search;
mod sessions;
mod sqlite;
mod store;
mod users;
mod writer;

pub use figures::Figures;
pub use import::{ImportedConversation, ImportedMessage, Importer};
pub use store::{BackupError, Store};
