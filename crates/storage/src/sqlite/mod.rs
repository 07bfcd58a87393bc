//! How `SQLite` is opened: every pragma is set here, none is left to a default.

mod last_messages;
mod readers;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    Statement, Value,
};

use crate::failure::Failure;

pub(crate) use last_messages::LastMessages;
pub(crate) use readers::{Readers, query};

/// How long to wait for another process that writes, a command or a second server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages of WAL before they are written back, 16 MB: fewer, larger checkpoints write popular
/// pages once instead of many times.
const CHECKPOINT_PAGES: &str = "4000";
/// Statements that a connection keeps prepared: all there are, and room for more.
const PREPARED: usize = 64;
/// Kibibytes of page cache of a connection, as `SQLite` wants it: negative.
const READER_CACHE: &str = "-8192";
const WRITER_CACHE: &str = "-65536";

/// Opens the connection for writes of several steps. The file must be there.
pub(crate) async fn open_writer(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url, 1);
    options.map_sqlx_sqlite_opts(|sqlite| {
        pragmas(sqlite, READER_CACHE).journal_mode(SqliteJournalMode::Wal)
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
pub(crate) fn open_readers(url: &str) -> Result<Readers, Failure> {
    Readers::start(&file(url)?)
}

fn file(url: &str) -> Result<PathBuf, Failure> {
    let options = SqliteConnectOptions::from_str(url);
    let options = options.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    Ok(options.get_filename().to_owned())
}

/// A connection of the crate `rusqlite`, which is used on a thread of its own.
fn connect(file: &Path, cache: &str) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    for (name, value) in PRAGMAS.into_iter().chain([("cache_size", cache)]) {
        connection.pragma_update(None, name, value)?;
    }
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

/// The one on the thread that writes. [`open_writer`] comes first.
pub(crate) fn connect_writer(url: &str) -> Result<Connection, Failure> {
    Ok(connect(&file(url)?, WRITER_CACHE)?)
}

/// One that reads and cannot write.
fn connect_reader(file: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = connect(file, READER_CACHE)?;
    connection.pragma_update(None, "query_only", "ON")?;
    Ok(connection)
}

/// Gives the parameters `$1`, `$2`, … their values; the statement may name them in any order.
pub(crate) fn bind(
    statement: &mut rusqlite::Statement<'_>,
    values: &[Value],
) -> Result<(), Failure> {
    for at in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(at)
            .and_then(|name| name[1..].parse().ok());
        let value = number.and_then(|n: usize| values.get(n - 1));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(at, values.len()))?;
        match value {
            Value::BigInt(number) => statement.raw_bind_parameter(at, number)?,
            Value::String(text) => statement.raw_bind_parameter(at, text)?,
            Value::Bytes(bytes) => statement.raw_bind_parameter(at, bytes)?,
            Value::Uuid(id) => statement.raw_bind_parameter(at, id)?,
            other => {
                let why = format!("{other:?} is no value of ours");
                return Err(Failure::Row {
                    what: "parameter",
                    why,
                });
            }
        }
    }
    Ok(())
}

/// Writes a consistent copy to `file`, an absolute path, which must be empty or not there: `SQLite` takes
/// others such as `:memory:` and `file:…` for something else.
pub(crate) async fn copy(url: &str, file: &str) -> Result<(), DbErr> {
    let mut options = options(url, 1);
    options.map_sqlx_sqlite_opts(|sqlite| pragmas(sqlite, READER_CACHE));
    let db = Database::connect(options).await?;
    let copied = db
        .execute_raw(Statement::from_sql_and_values(
            DbBackend::Sqlite,
            "VACUUM INTO $1",
            [file.into()],
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

/// The same for the crate `rusqlite`.
const PRAGMAS: [(&str, &str); 4] = [
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("wal_autocheckpoint", CHECKPOINT_PAGES),
    ("temp_store", "MEMORY"),
];

#[cfg(test)]
mod tests {
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
        let threads = [
            connect_writer(&url).unwrap(),
            connect_reader(&file(&url).unwrap()).unwrap(),
        ];
        for (name, of_task, of_threads) in [
            ("journal_mode", "wal", ["wal", "wal"]),
            ("synchronous", "2", ["2", "2"]),
            ("foreign_keys", "1", ["1", "1"]),
            ("busy_timeout", "5000", ["5000", "5000"]),
            ("wal_autocheckpoint", "4000", ["4000", "4000"]),
            ("cache_size", "-8192", ["-65536", "-8192"]),
            ("temp_store", "2", ["2", "2"]),
            ("query_only", "0", ["0", "1"]),
        ] {
            assert_eq!(pragma(&writer, name).await, of_task, "{name}");
            let of_thread = |connection: &Connection| {
                let value = connection.pragma_query_value(None, name, |row| {
                    let number = row.get::<_, i64>(0).map(|n| n.to_string());
                    number.or_else(|_| row.get(0))
                });
                value.unwrap()
            };
            assert_eq!(threads.each_ref().map(of_thread), of_threads, "{name}");
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_in_wal_mode_is_refused() {
        let refused = open_writer("sqlite::memory:").await.unwrap_err();
        assert!(refused.to_string().contains("WAL"), "{refused}");
    }
}
