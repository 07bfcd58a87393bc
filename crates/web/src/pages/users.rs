use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ListLimit;
use domain::users::DirectoryCursor;
use serde::Deserialize;

use super::{PageError, Pane, View};
use crate::requests::{Client, Cursor as _, Viewer};
use crate::{App, paths, views};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// Story 1: all other users, or those found.
pub(super) async fn list(
    _: paths::Users,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    client: Client,
    Query(Asked { q, after }): Query<Asked>,
) -> Result<Response, PageError> {
    let after = after
        .map(|word| DirectoryCursor::from_word(&word))
        .transpose();
    let after = after.map_err(|_| PageError::Status(StatusCode::BAD_REQUEST))?;
    let people = app
        .directory
        .others(viewer.id, &q, after, ListLimit::default())
        .await?;
    let content = views::users::pane(&people, &q, app.clock.now());
    let pane = Pane {
        title: "People".to_owned(),
        view: View::People,
        current: None,
        inbox_from: None,
        content,
    };
    pane.show(&app, &viewer, client).await
}
