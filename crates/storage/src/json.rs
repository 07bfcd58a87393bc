//! Many rows as one JSON text: a parameter to select from, or the one row of a list.
//!
//! A row of its own costs a hand-over from the database's thread and a copy of every column,
//! which for short rows is more than reading it.

use sea_orm::Value;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failure::Failure;

/// A statement whose one row is the JSON text of all rows that `$row`, an array, has in the order
/// of `$from`: both databases keep the order of a subquery that is aggregated and nothing else.
macro_rules! json_list {
    ($row:expr, $from:expr) => {
        concat!(
            "SELECT '[' || coalesce(string_agg(entry, ','), '') || ']'
            FROM (SELECT CAST(",
            $row,
            " AS text) AS entry ",
            $from,
            ") page"
        )
    };
}

/// A JSON array of these expressions, for `sqlite` or `postgres`.
macro_rules! json_array {
    (sqlite, $($item:expr),+) => {
        concat!("json_array(", $crate::json::json_array!(@ $($item),+), ")")
    };
    (postgres, $($item:expr),+) => {
        concat!("json_build_array(", $crate::json::json_array!(@ $($item),+), ")")
    };
    (@ $first:expr $(, $item:expr)*) => {
        concat!($first $(, ", ", $item)*)
    };
}

/// An identifier as JSON: in hexadecimal, with hyphens or without.
macro_rules! json_id {
    (sqlite, $column:literal) => {
        concat!("hex(", $column, ")")
    };
    (postgres, $column:literal) => {
        $column
    };
}

pub(crate) use {json_array, json_id, json_list};

/// The rows of the text that [`json_list`] gave.
pub(crate) fn rows<'a, T: Deserialize<'a>>(text: &'a str) -> Result<Vec<T>, Failure> {
    serde_json::from_str(text).map_err(Failure::row("list"))
}

/// The parameter for these rows.
pub(crate) fn json(rows: &impl Serialize) -> Result<Value, Failure> {
    let text = serde_json::to_string(rows).map_err(Failure::row("batch"))?;
    Ok(text.into())
}

/// An identifier as `unhex` of `SQLite` and `uuid` of `PostgreSQL` read it.
pub(crate) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}
