//! Many rows as one JSON text: a parameter to select from.

use sea_orm::Value;
use serde::Serialize;
use uuid::Uuid;

use crate::failure::Failure;

/// The parameter for these rows.
pub(crate) fn json(rows: &impl Serialize) -> Result<Value, Failure> {
    let text = serde_json::to_string(rows).map_err(Failure::row("batch"))?;
    Ok(text.into())
}

/// An identifier as `unhex` of `SQLite` and `uuid` of `PostgreSQL` read it.
pub(crate) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}
