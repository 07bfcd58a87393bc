//! Messages, stored in the order they are read in.
//!
//! Client ids come first in their index because they are made in the order of time: so an append
//! touches the same few pages again and again. Every index more would cost every send.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const SQLITE: &str = "
CREATE TABLE messages (
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    seq INTEGER NOT NULL,
    id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    sender_id BLOB NOT NULL REFERENCES users (id),
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX messages_client_id ON messages (client_id, sender_id);
";

const POSTGRES: &str = "
CREATE TABLE messages (
    conversation_id uuid NOT NULL REFERENCES conversations (id),
    seq bigint NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    sender_id uuid NOT NULL REFERENCES users (id),
    body text NOT NULL,
    sent_at bigint NOT NULL,
    PRIMARY KEY (conversation_id, seq)
);
CREATE UNIQUE INDEX messages_client_id ON messages (client_id, sender_id);
";

/// No conversation is without messages, and one that stayed would go on counting after those that
/// are gone.
const DOWN: &str = "DROP TABLE messages; DELETE FROM members; DELETE FROM conversations;";
