use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::conversations::{InboxCursor, MarkReadError, Seq};
use domain::messages::HistoryRange;
use domain::{HistoryLimit, ListLimit};
use serde::Deserialize;

use super::{PageError, Pane, View};
use crate::requests::{Client, Cursor as _, Fragment, Viewer};
use crate::{App, paths, views};

#[derive(Deserialize)]
pub(super) struct Asked {
    before: Option<String>,
}

/// The inbox; with `before`, a further piece of it.
pub(super) async fn inbox(
    _: paths::Inbox,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    client: Client,
    Query(Asked { before }): Query<Asked>,
) -> Result<Response, PageError> {
    let before = before.map(|word| InboxCursor::from_word(&word)).transpose();
    let before = before.map_err(|_| PageError::Status(StatusCode::BAD_REQUEST))?;
    if let (Client::Htmx(Fragment::Part), Some(_)) = (client, before) {
        let piece = app
            .conversations
            .inbox(viewer.id, before, ListLimit::default())
            .await?;
        return Ok(views::inbox::entries(&piece, &viewer, None).into_response());
    }
    let pane = Pane {
        title: "Conversations".to_owned(),
        view: View::Inbox,
        current: None,
        inbox_from: before,
        content: views::inbox::nothing_open(),
    };
    pane.show(&app, &viewer, client).await
}

/// Story 2: the conversation with another user, its newest messages first to be seen.
pub(super) async fn open(
    path: paths::Conversation,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    client: Client,
) -> Result<Response, PageError> {
    let username = path.username.0;
    let (newest, limit) = (HistoryRange::Newest, HistoryLimit::default());
    let history = app
        .messages
        .history(viewer.id, &username, newest, limit)
        .await?;
    let history = history.ok_or(PageError::NotFound)?;
    let composer = views::composer::fresh(&history.conversation.with, app.new_client_id());
    let content = views::conversation::pane(&history, &viewer, &composer, app.clock.now());
    Pane::conversation(&history, content)
        .show(&app, &viewer, client)
        .await
}

#[derive(Deserialize)]
pub(super) struct ReadUpTo {
    seq: i64,
}

/// "I have read this."
pub(super) async fn mark_read(
    path: paths::Read,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    client: Client,
    Form(ReadUpTo { seq }): Form<ReadUpTo>,
) -> Result<Response, PageError> {
    let username = path.username.0;
    let seq = Seq::new(seq).map_err(|_| PageError::Status(StatusCode::UNPROCESSABLE_ENTITY))?;
    match app.conversations.mark_read(&viewer, &username, seq).await {
        Ok(()) if client == Client::Browser => {
            Ok(Redirect::to(&paths::conversation(&username)).into_response())
        }
        Ok(()) => {
            let limit = View::Conversation.inbox_limit();
            let inbox = app.conversations.inbox(viewer.id, None, limit).await?;
            Ok(views::inbox::list(&inbox, &viewer, Some(&username), false).into_response())
        }
        Err(MarkReadError::NoSuchUser) => Err(PageError::NotFound),
        Err(MarkReadError::Beyond) => Err(PageError::Status(StatusCode::UNPROCESSABLE_ENTITY)),
        Err(MarkReadError::Store(error)) => Err(error.into()),
    }
}

/// "I am typing."
pub(super) async fn typing(
    path: paths::Typing,
    State(app): State<App>,
    Viewer(viewer): Viewer,
) -> Result<StatusCode, PageError> {
    let told = app.live.type_to(&viewer, &path.username.0).await?;
    told.map(|()| StatusCode::NO_CONTENT)
        .ok_or(PageError::NotFound)
}
