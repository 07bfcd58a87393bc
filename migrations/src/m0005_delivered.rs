//! Up to where a client of a member has the messages. What was read counts as delivered, so the
//! positions that are there already need no look.

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

const SQLITE: &str = "ALTER TABLE members ADD COLUMN delivered_seq INTEGER NOT NULL DEFAULT 0";

const POSTGRES: &str = "ALTER TABLE members ADD COLUMN delivered_seq bigint NOT NULL DEFAULT 0";

const DOWN: &str = "ALTER TABLE members DROP COLUMN delivered_seq";
