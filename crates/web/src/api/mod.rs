//! The JSON API under `/api/v1`.

mod fields;
mod problem;

pub(crate) use problem::ApiError;

use axum::Router;

use crate::App;

/// Every route under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
}
