//! When a stream of a user was last known to be open, and when all their sessions were last ended
//! at once, which servers look for every second.

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
ALTER TABLE users ADD COLUMN present_at INTEGER;
ALTER TABLE users ADD COLUMN sessions_ended_at INTEGER;
CREATE INDEX users_sessions_ended ON users (sessions_ended_at)
    WHERE sessions_ended_at IS NOT NULL;
";

const POSTGRES: &str = "
ALTER TABLE users ADD COLUMN present_at bigint;
ALTER TABLE users ADD COLUMN sessions_ended_at bigint;
CREATE INDEX users_sessions_ended ON users (sessions_ended_at)
    WHERE sessions_ended_at IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX users_sessions_ended;
ALTER TABLE users DROP COLUMN sessions_ended_at;
ALTER TABLE users DROP COLUMN present_at;
";
