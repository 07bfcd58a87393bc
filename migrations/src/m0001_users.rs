//! The people, and by which words of their names they are found.

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
CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    disabled_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX users_directory ON users (name_key, id) WHERE disabled_at IS NULL;
CREATE TABLE user_search_keys (
    key TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    PRIMARY KEY (key, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_search_keys_of_user ON user_search_keys (user_id, key);
";

const POSTGRES: &str = r#"
CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL,
    username_key text COLLATE "C" NOT NULL UNIQUE,
    display_name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    password_hash text NOT NULL,
    created_at bigint NOT NULL,
    last_seen_at bigint,
    disabled_at bigint
);
CREATE INDEX users_directory ON users (name_key, id) WHERE disabled_at IS NULL;
CREATE TABLE user_search_keys (
    key text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    PRIMARY KEY (key, user_id)
);
CREATE INDEX user_search_keys_of_user ON user_search_keys (user_id, key);
"#;

const DOWN: &str = "DROP TABLE user_search_keys; DROP TABLE users;";
