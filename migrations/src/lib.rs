//! The schema, one file a step, for `SQLite` and `PostgreSQL`.
//!
//! Every identifier is a UUID (16 bytes on `SQLite`), every time a `bigint` of milliseconds since
//! 1970 UTC in a column that ends in `_at`, every flag a nullable time. Text that is sorted or
//! searched has `COLLATE "C"` on `PostgreSQL`, so that both databases sort alike, by code point.
//!
//! # What never happens here
//! A step that was released is never edited; the next one corrects it. Nothing here reads or
//! writes what users wrote, and nobody but an operator's command calls `up` or `down`.
//!
//! # To add a step
//! Copy the newest `mNNNN_*.rs`, write `up` and a `down` that undoes it, and list it in
//! [`Migrator`]. Each step is one transaction on both databases.

#![expect(
    elided_lifetimes_in_paths,
    reason = "the trait is declared so, and async_trait wants the same on both sides"
)]

mod connect;
mod m0001_users;
mod m0002_sessions;
mod m0003_conversations;
mod m0004_messages;
mod m0005_delivered;
mod m0006_presence;
mod m0007_settings;
mod status;

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub use connect::connect;
pub use sea_orm_migration;
pub use status::{Step, is_current, status};

/// All steps, the oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_users::Migration),
            Box::new(m0002_sessions::Migration),
            Box::new(m0003_conversations::Migration),
            Box::new(m0004_messages::Migration),
            Box::new(m0005_delivered::Migration),
            Box::new(m0006_presence::Migration),
            Box::new(m0007_settings::Migration),
        ]
    }
}
