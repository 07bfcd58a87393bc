//! The API's document, for programs and for people; neither needs a session.

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::OpenApi;

use crate::App;

/// `/api/openapi.json` and `/api/docs`.
pub(super) fn routes(document: &OpenApi) -> Router<App> {
    let json = Bytes::from(document.to_pretty_json().unwrap_or_default());
    Router::new().route(
        "/api/openapi.json",
        get(move || async move { ([(CONTENT_TYPE, "application/json")], json) }),
    )
}
