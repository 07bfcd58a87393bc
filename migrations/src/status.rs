use std::collections::BTreeSet;

use sea_orm_migration::sea_orm::{DatabaseConnection, DbErr, EntityTrait};
use sea_orm_migration::{MigratorTrait, SchemaManager, seaql_migrations};

use crate::Migrator;

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its file's name.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Every step this program knows, the oldest first. Changes nothing: a database that was never
/// migrated has no step.
///
/// # Errors
/// When the database does not answer.
pub async fn status(db: &DatabaseConnection) -> Result<Vec<Step>, DbErr> {
    let applied = applied(db).await?;
    let steps = known().map(|name| Step {
        applied: applied.contains(&name),
        name,
    });
    Ok(steps.collect())
}

/// Whether the database has exactly the steps this program knows: none is missing, and none is
/// there that only a newer program knows. Changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn is_current(db: &DatabaseConnection) -> Result<bool, DbErr> {
    Ok(applied(db).await? == known().collect())
}

fn known() -> impl Iterator<Item = String> {
    Migrator::migrations()
        .into_iter()
        .map(|step| step.name().to_owned())
}

async fn applied(db: &DatabaseConnection) -> Result<BTreeSet<String>, DbErr> {
    let table = Migrator::migration_table_name().to_string();
    if !SchemaManager::new(db).has_table(table).await? {
        return Ok(BTreeSet::new());
    }
    let rows = seaql_migrations::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
