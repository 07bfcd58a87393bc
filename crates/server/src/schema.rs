//! The schema of the database that is there, beside the one this program needs.

use anyhow::{Context, bail};
use migrations::sea_orm_migration::sea_orm::DatabaseConnection;
use migrations::{Step, connect, is_current, status};

use crate::settings::DatabaseUrl;

/// What to run, for a person who has just been refused.
const MIGRATE: &str = "run `jbl-chat migrate` (in a checkout: `cargo xtask migrate up`)";

/// Refuses the URL of a `SQLite` file that is not there, before anything makes it.
///
/// # Errors
/// When it is not there, saying what to run.
pub fn require_file(database: &DatabaseUrl) -> anyhow::Result<()> {
    match database.sqlite_file() {
        Some(file) if !file.try_exists().unwrap_or(false) => {
            bail!("there is no database at {}; {MIGRATE}", file.display())
        }
        Some(_) | None => Ok(()),
    }
}

/// A connection that looks at the schema.
#[derive(Clone, Debug)]
pub struct Schema {
    db: DatabaseConnection,
}

impl Schema {
    /// Connects to a database that exists; it makes none.
    ///
    /// # Errors
    /// When there is none or it does not answer.
    pub async fn of_existing(database: &DatabaseUrl) -> anyhow::Result<Self> {
        require_file(database)?;
        Self::of_any(database).await
    }

    /// Connects to a database, and makes the file of a `SQLite` one that does not exist.
    ///
    /// # Errors
    /// When it does not answer, or the file cannot be made.
    pub async fn of_any(database: &DatabaseUrl) -> anyhow::Result<Self> {
        let db = connect(database.expose())
            .await
            .context("cannot open the database")?;
        Ok(Self { db })
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// When the database does not let it go in order.
    pub async fn close(self) -> anyhow::Result<()> {
        self.db.close().await.context("cannot close the database")
    }

    /// The connection, for migrating.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Every step this program knows, the oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn steps(&self) -> anyhow::Result<Vec<Step>> {
        status(&self.db)
            .await
            .context("cannot read the schema's state")
    }

    /// Refuses a schema that is older or newer than this program.
    ///
    /// # Errors
    /// When it is, saying what to do; or when the database does not answer.
    pub async fn require_current(&self) -> anyhow::Result<()> {
        if is_current(&self.db)
            .await
            .context("cannot read the schema's state")?
        {
            return Ok(());
        }
        let steps = self.steps().await?;
        match steps.iter().filter(|step| !step.applied).count() {
            0 => bail!(
                "the database's schema is newer than this version of jbl-chat; install the version that made it"
            ),
            missing if missing == steps.len() => bail!("the database has no schema yet; {MIGRATE}"),
            missing => bail!(
                "the database's schema is {missing} of {} steps behind; {MIGRATE}",
                steps.len()
            ),
        }
    }
}
