use axum::Json;
use domain::Page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::requests::Cursor;

/// A piece of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    items: Vec<T>,
    /// Give it as `cursor` for the next piece; null at the end.
    next_cursor: Option<String>,
}

/// Writes a page down, each item by `dto`.
pub(super) fn list<T, C: Cursor, D>(page: &Page<T, C>, dto: impl Fn(&T) -> D) -> Json<List<D>> {
    Json(List {
        items: page.items.iter().map(dto).collect(),
        next_cursor: page.next.as_ref().map(Cursor::to_word),
    })
}
