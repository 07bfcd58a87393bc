//! How `SQLite` is opened: every pragma is set here, none is left to a default.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    Statement,
};

/// Connections that read. Queries are short, so a few serve many.
const READERS: u32 = 4;
/// How long to wait for another process that writes, a command or a second server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a query waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages of WAL before they are written back, 16 MB: fewer, larger checkpoints write popular
/// pages once instead of many times.
const CHECKPOINT_PAGES: &str = "4000";
/// Kibibytes of page cache of a connection, as `SQLite` wants it: negative.
const READER_CACHE: &str = "-8192";
const WRITER_CACHE: &str = "-65536";

/// Opens the one connection that writes. The file must be there.
pub(crate) async fn open_writer(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url, 1);
    options.map_sqlx_sqlite_opts(|sqlite| {
        pragmas(sqlite, WRITER_CACHE).journal_mode(SqliteJournalMode::Wal)
    });
    let writer = Database::connect(options).await?;
    let sql = "PRAGMA journal_mode";
    let row = writer
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await?;
    match row
        .map(|row| row.try_get_by_index::<String>(0))
        .transpose()?
    {
        Some(mode) if mode == "wal" => Ok(writer),
        // In memory, or on a file system that cannot share memory.
        mode => Err(DbErr::Conn(RuntimeErr::Internal(format!(
            "the database must be in WAL mode, and its journal mode stays {mode:?}"
        )))),
    }
}

/// Opens the connections that read and cannot write. [`open_writer`] comes first.
pub(crate) async fn open_readers(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url, READERS);
    options.map_sqlx_sqlite_opts(|sqlite| pragmas(sqlite, READER_CACHE).pragma("query_only", "ON"));
    Database::connect(options).await
}

/// Writes a consistent copy to `file`, which must be empty or not there.
pub(crate) async fn copy(url: &str, file: &Path) -> Result<(), DbErr> {
    let mut options = options(url, 1);
    options.map_sqlx_sqlite_opts(|sqlite| pragmas(sqlite, READER_CACHE));
    let db = Database::connect(options).await?;
    let path = file.to_string_lossy().into_owned();
    let copied = db
        .execute_raw(Statement::from_sql_and_values(
            DbBackend::Sqlite,
            "VACUUM INTO $1",
            [path.into()],
        ))
        .await;
    db.close().await?;
    copied.map(|_| ())
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false);
    options
}

fn pragmas(sqlite: SqliteConnectOptions, cache: &'static str) -> SqliteConnectOptions {
    sqlite
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("cache_size", cache)
        .pragma("temp_store", "MEMORY")
}

#[cfg(test)]
mod tests {
    use sea_orm::TransactionTrait;

    use super::*;

    async fn pragma(db: &impl ConnectionTrait, name: &str) -> String {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        let number = row.try_get_by_index::<i64>(0).map(|n| n.to_string());
        number.or_else(|_| row.try_get_by_index(0)).unwrap()
    }

    #[tokio::test]
    async fn every_pragma_is_in_force_on_every_connection() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("chat.db").display());
        migrations::connect(&url).await.unwrap();
        let writer = open_writer(&url).await.unwrap();
        let readers = open_readers(&url).await.unwrap();
        // All that read at once, so that each is asked.
        let mut reading = Vec::new();
        for _ in 0..READERS {
            reading.push(readers.begin().await.unwrap());
        }
        for (name, of_writer, of_readers) in [
            ("journal_mode", "wal", "wal"),
            ("synchronous", "2", "2"),
            ("foreign_keys", "1", "1"),
            ("busy_timeout", "5000", "5000"),
            ("wal_autocheckpoint", "4000", "4000"),
            ("cache_size", "-65536", "-8192"),
            ("temp_store", "2", "2"),
            ("query_only", "0", "1"),
        ] {
            assert_eq!(pragma(&writer, name).await, of_writer, "{name}");
            for reader in &reading {
                assert_eq!(pragma(reader, name).await, of_readers, "{name}");
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_in_wal_mode_is_refused() {
        let refused = open_writer("sqlite::memory:").await.unwrap_err();
        assert!(refused.to_string().contains("WAL"), "{refused}");
    }
}
