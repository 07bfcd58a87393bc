//! Since when a user shows nobody what they read, and an index to list the newest sessions of a
//! user by.

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
ALTER TABLE users ADD COLUMN receipts_off_at INTEGER;
DROP INDEX sessions_of_user;
CREATE INDEX sessions_of_user ON sessions (user_id, created_at DESC, id);
";

const POSTGRES: &str = "
ALTER TABLE users ADD COLUMN receipts_off_at bigint;
DROP INDEX sessions_of_user;
CREATE INDEX sessions_of_user ON sessions (user_id, created_at DESC, id);
";

const DOWN: &str = "
DROP INDEX sessions_of_user;
CREATE INDEX sessions_of_user ON sessions (user_id);
ALTER TABLE users DROP COLUMN receipts_off_at;
";
