use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use sea_orm_migration::sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sea_orm_migration::sea_orm::sqlx::{Connection as _, Error as SqlxError};
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};
use tokio::time::timeout;

/// How long the shortest question may take, whether a connection works.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Connects in order to change or examine the schema, with one connection. A `SQLite` file and
/// its folder are made when they are missing, the file for its owner's eyes only, and the file is
/// put into WAL mode.
///
/// # Errors
/// When the URL is neither `sqlite:` nor `postgres:`, the folder or the file cannot be made, or the
/// database does not answer.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false);
    options.map_sqlx_postgres_pool_opts(|pool| {
        // Asked about a connection that the network has lost, the pool would wait for ever, and have
        // none left.
        pool.after_release(|connection, _| {
            Box::pin(async {
                let works = timeout(PING_TIMEOUT, connection.ping()).await;
                works.map_err(|_elapsed| SqlxError::Io(ErrorKind::TimedOut.into()))??;
                Ok(true)
            })
        })
    });
    if url.starts_with("sqlite:") {
        make_file(url)?;
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

fn make_file(url: &str) -> Result<(), DbErr> {
    let sqlite: SqliteConnectOptions = url
        .parse()
        .map_err(|error| failed(format!("{url} is not a SQLite URL: {error}")))?;
    let file = sqlite.get_filename();
    if file.to_string_lossy().starts_with("file:") {
        // The driver's name of a database in memory.
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| failed(format!("cannot make {}: {error}", folder.display())))?;
    }
    match make_private(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(failed(format!("cannot make {}: {error}", file.display())))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `SQLite` itself would let everybody on the machine read it. The `-wal` and `-shm` files beside
/// it get the permissions of the file.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    new.open(file).map(drop)
}

fn failed(why: String) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why))
}
