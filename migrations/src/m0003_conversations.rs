//! Conversations, made with their first message, and who takes part in them.
//!
//! A conversation of two is found by its ordered pair of users. The pair may be absent, so that
//! one of more people finds its place here; everything about a member is a row of `members`.
//! `active_at` is the latest activity of the conversation, repeated on each member so that an
//! inbox is one walk along one index.

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
CREATE TABLE conversations (
    id BLOB NOT NULL PRIMARY KEY,
    low_user_id BLOB REFERENCES users (id),
    high_user_id BLOB REFERENCES users (id),
    last_seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK (low_user_id < high_user_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX conversations_pair ON conversations (low_user_id, high_user_id);
CREATE TABLE members (
    user_id BLOB NOT NULL REFERENCES users (id),
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    read_seq INTEGER NOT NULL DEFAULT 0,
    active_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_inbox ON members (user_id, active_at DESC, conversation_id);
";

const POSTGRES: &str = "
CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    low_user_id uuid REFERENCES users (id),
    high_user_id uuid REFERENCES users (id),
    last_seq bigint NOT NULL,
    created_at bigint NOT NULL,
    CHECK (low_user_id < high_user_id)
);
CREATE UNIQUE INDEX conversations_pair ON conversations (low_user_id, high_user_id);
CREATE TABLE members (
    user_id uuid NOT NULL REFERENCES users (id),
    conversation_id uuid NOT NULL REFERENCES conversations (id),
    read_seq bigint NOT NULL DEFAULT 0,
    active_at bigint NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
);
CREATE INDEX members_inbox ON members (user_id, active_at DESC, conversation_id);
";

const DOWN: &str = "DROP TABLE members; DROP TABLE conversations;";
