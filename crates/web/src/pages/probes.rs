use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{App, NotReady, paths};

/// The process lives.
pub(super) async fn healthz(_: paths::Healthz) -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// The process can do its work.
pub(super) async fn readyz(_: paths::Readyz, State(app): State<App>) -> (StatusCode, Json<Value>) {
    match app.readiness.check().await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Err(NotReady(reason)) => {
            tracing::warn!(reason, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(json!({ "status": "not ready" })),
            )
        }
    }
}
