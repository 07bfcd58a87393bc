//! `jbl-chat migrate`

use anyhow::Context;
use migrations::Migrator;
use migrations::sea_orm_migration::MigratorTrait;

use crate::schema::Schema;
use crate::settings::{DatabaseUrl, Direction};

use super::say;

/// Changes the schema, or shows its state, and says what it did.
///
/// # Errors
/// When the database does not answer or a step fails, which leaves the schema as it was before
/// that step.
pub async fn migrate(database: &DatabaseUrl, direction: Direction) -> anyhow::Result<()> {
    let schema = match direction {
        Direction::Up => Schema::of_any(database).await?,
        Direction::Down | Direction::Status => Schema::of_existing(database).await?,
    };
    let done = match direction {
        Direction::Up => up(&schema).await,
        Direction::Down => down(&schema).await,
        Direction::Status => status(&schema).await,
    };
    schema.close().await?;
    done
}

async fn up(schema: &Schema) -> anyhow::Result<()> {
    let before = schema.steps().await?;
    Migrator::up(schema.connection(), None)
        .await
        .context("cannot migrate up")?;
    for step in before.iter().filter(|step| !step.applied) {
        say(&format!("applied {}", step.name))?;
    }
    say("the schema is current")
}

async fn down(schema: &Schema) -> anyhow::Result<()> {
    let before = schema.steps().await?;
    let Some(last) = before.iter().rfind(|step| step.applied) else {
        return say("there was nothing to undo");
    };
    Migrator::down(schema.connection(), Some(1))
        .await
        .context("cannot migrate down")?;
    say(&format!("undid {}", last.name))
}

async fn status(schema: &Schema) -> anyhow::Result<()> {
    for step in schema.steps().await? {
        let state = if step.applied { "applied" } else { "pending" };
        say(&format!("{state}  {}", step.name))?;
    }
    Ok(())
}
