//! Who is signed in: the SHA-256 of each token, never the token.

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
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    token_digest BLOB NOT NULL UNIQUE,
    user_id BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_id);
";

const POSTGRES: &str = "
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    token_digest bytea NOT NULL UNIQUE,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
";

const DOWN: &str = "DROP TABLE sessions;";
