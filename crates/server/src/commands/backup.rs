//! `jbl-chat backup`

use std::path::Path;

use anyhow::{Context, bail};
use storage::{BackupError, Store};

use crate::schema::require_file;
use crate::settings::DatabaseUrl;

use super::say;

/// Copies the database into a file that does not exist yet. It may be served meanwhile, and its
/// schema may be an older one.
///
/// # Errors
/// When there is no such database, it is no `SQLite` file, or the copy cannot be written.
pub async fn backup(database: &DatabaseUrl, file: &Path) -> anyhow::Result<()> {
    require_file(database)?;
    let store = Store::open(database.expose())
        .await
        .context("cannot open the database")?;
    let copied = store.backup(file).await;
    store.close().await.context("cannot close the database")?;
    match copied {
        Ok(()) => say(&format!("wrote {}", file.display())),
        Err(BackupError::NotSqlite) => {
            bail!("on PostgreSQL, make a backup with pg_dump; this copies a SQLite database")
        }
        Err(
            error @ (BackupError::FileExists(_) | BackupError::File(..) | BackupError::Store(_)),
        ) => Err(error.into()),
    }
}
