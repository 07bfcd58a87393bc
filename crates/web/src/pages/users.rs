use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ListLimit;
use domain::users::DirectoryCursor;
use serde::Deserialize;
use url::Url;

use super::{PageError, Pane, View};
use crate::requests::{Client, Cursor as _, Reader};
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
    reader: Reader,
    client: Client,
    headers: HeaderMap,
    Query(Asked { q, after }): Query<Asked>,
) -> Result<Response, PageError> {
    let after = after
        .map(|word| DirectoryCursor::from_word(&word))
        .transpose();
    let after = after.map_err(|_| PageError::Status(StatusCode::BAD_REQUEST))?;
    let people = app
        .directory
        .others(reader.user.id, &q, after, ListLimit::default())
        .await?;
    let content = views::users::pane(&people, &q, reader.now);
    let pane = Pane {
        title: "People".to_owned(),
        view: View::People,
        current: None,
        inbox_from: None,
        typed: q,
        content,
    };
    // A search is one place in the browser's history, which goes along with what is typed.
    let is_begun = current_path(&headers).is_some_and(|path| path == paths::Users.to_string());
    let moves = if is_begun {
        "hx-replace-url"
    } else {
        "hx-push-url"
    };
    let shown = pane.show(&app, &reader, client).await?;
    Ok(match client {
        Client::Htmx(_) => ([(moves, "true")], shown).into_response(),
        Client::Browser | Client::Json => shown,
    })
}

/// The path of the page that htmx asks from.
fn current_path(headers: &HeaderMap) -> Option<String> {
    let url = headers.get("hx-current-url")?.to_str().ok()?;
    Url::parse(url).ok().map(|url| url.path().to_owned())
}
