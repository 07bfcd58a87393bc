use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::StoreError;
use domain::conversations::ConversationRepository;
use domain::messages::MessageRepository;
use domain::sessions::SessionRepository;
use domain::users::UserRepository;

use crate::conversations::StoredConversations;
use crate::database::Database;
use crate::figures::Figures;
use crate::import::Importer;
use crate::messages::StoredMessages;
use crate::sessions::StoredSessions;
use crate::sqlite;
use crate::users::StoredUsers;

/// An open database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    db: Database,
    url: Arc<str>,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// `PostgreSQL` has its own tool for it, `pg_dump`.
    #[error("only a SQLite database can be copied so")]
    NotSqlite,
    /// It would have been overwritten.
    #[error("{0} exists already")]
    FileExists(PathBuf),
    /// The file could not be made or written.
    #[error("cannot write {0}")]
    File(PathBuf, #[source] std::io::Error),
    /// The database failed; the copy was removed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const ANY_USER: &str = "SELECT 1 FROM users LIMIT 1";

impl Store {
    /// Opens an existing database, `sqlite://path` or `postgres://…`. On `SQLite` every pragma
    /// that durability and speed rest on is set, and WAL is seen to be in force. Does not
    /// migrate, and does not ask whether the schema is current.
    ///
    /// # Errors
    /// [`StoreError`] when the file is not there or the server does not answer.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let db = Database::open(url).await?;
        let url = url.into();
        Ok(Self { db, url })
    }

    /// The users that exist.
    #[must_use]
    pub fn users(&self) -> Arc<dyn UserRepository> {
        Arc::new(StoredUsers(self.db.clone()))
    }

    /// Who is signed in.
    #[must_use]
    pub fn sessions(&self) -> Arc<dyn SessionRepository> {
        Arc::new(StoredSessions(self.db.clone()))
    }

    /// The conversations of each member.
    #[must_use]
    pub fn conversations(&self) -> Arc<dyn ConversationRepository> {
        Arc::new(StoredConversations(self.db.clone()))
    }

    /// The messages of conversations.
    #[must_use]
    pub fn messages(&self) -> Arc<dyn MessageRepository> {
        Arc::new(StoredMessages(self.db.clone()))
    }

    /// The way in for very many rows.
    #[must_use]
    pub fn importer(&self) -> Importer {
        Importer::new(self.db.clone())
    }

    /// Whether there is a user, disabled or not.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        Ok(self.db.one(ANY_USER, [], |_| Ok(())).await?.is_some())
    }

    /// Whether the database answers a query.
    ///
    /// # Errors
    /// [`StoreError`] when it does not, or has no tables yet.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.has_users().await.map(|_| ())
    }

    /// What the connections are doing, for whoever operates the server.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.db.figures()
    }

    /// Writes a consistent copy of a `SQLite` database to a new file, which only its owner may
    /// read, while others go on reading and writing, and has it on disk when it returns. The copy is a database of its own: open
    /// it, or put it in the place of the other one.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no new file.
    pub async fn backup(&self, file: &Path) -> Result<(), BackupError> {
        if !matches!(self.db, Database::Sqlite { .. }) {
            return Err(BackupError::NotSqlite);
        }
        let cannot_write = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::FileExists(file.to_owned()),
            _ => BackupError::File(file.to_owned(), error),
        };
        let absolute = std::path::absolute(file).map_err(cannot_write)?;
        let path = absolute.to_str().ok_or_else(|| {
            cannot_write(std::io::Error::other("SQLite takes a name in UTF-8 only"))
        })?;
        let made = make_private(file).map_err(cannot_write)?;
        let copied = match sqlite::copy(&self.url, path).await {
            Ok(()) => made.sync_all().map_err(cannot_write),
            Err(error) => Err(StoreError::from(crate::failure::Failure::from(error)).into()),
        };
        if copied.is_err() {
            // What went wrong first is what is told.
            let _half_a_copy = std::fs::remove_file(file);
        }
        copied
    }

    /// Finishes the writes that wait, closes all connections and, on `SQLite`, writes the log
    /// back into the file. Clones and repositories of this store are `Unavailable` from then on.
    ///
    /// # Errors
    /// [`StoreError`] when it was closed before.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }
}

/// A copy holds all that the database holds.
fn make_private(file: &Path) -> std::io::Result<File> {
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    new.open(file)
}
