use std::time::Duration;

use sea_orm_migration::sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};

/// Connects in order to change or examine the schema, with one connection. A `SQLite` file and
/// its folder are made when they are missing, and the file is put into WAL mode.
///
/// # Errors
/// When the URL is neither `sqlite:` nor `postgres:`, the folder cannot be made, or the database
/// does not answer.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false);
    if url.starts_with("sqlite:") {
        make_folder(url)?;
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
        });
    }
    Database::connect(options).await
}

fn make_folder(url: &str) -> Result<(), DbErr> {
    let sqlite: SqliteConnectOptions = url
        .parse()
        .map_err(|error| failed(format!("{url} is not a SQLite URL: {error}")))?;
    match sqlite.get_filename().parent() {
        Some(folder) => std::fs::create_dir_all(folder)
            .map_err(|error| failed(format!("cannot make {}: {error}", folder.display()))),
        None => Ok(()),
    }
}

fn failed(why: String) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why))
}
