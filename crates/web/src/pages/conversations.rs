use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::conversations::{InboxCursor, MarkError, Position, Seq};
use domain::messages::HistoryRange;
use domain::users::{User, Username};
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
pub(super) struct UpTo {
    seq: i64,
}

/// "I have read this." The stream tells every page of the reader, the one that asks too.
pub(super) async fn mark_read(
    path: paths::Read,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    client: Client,
    Form(up_to): Form<UpTo>,
) -> Result<Response, PageError> {
    let username = path.username.0;
    mark(&app, &viewer, &username, Position::Read, &up_to).await?;
    Ok(if client == Client::Browser {
        Redirect::to(&paths::conversation(&username)).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    })
}

/// "This has come." Said by scripts only.
pub(super) async fn mark_delivered(
    path: paths::Delivered,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Form(up_to): Form<UpTo>,
) -> Result<StatusCode, PageError> {
    mark(&app, &viewer, &path.username.0, Position::Delivered, &up_to).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn mark(
    app: &App,
    viewer: &User,
    peer: &Username,
    position: Position,
    up_to: &UpTo,
) -> Result<(), PageError> {
    let unprocessable = PageError::Status(StatusCode::UNPROCESSABLE_ENTITY);
    let Ok(seq) = Seq::new(up_to.seq) else {
        return Err(unprocessable);
    };
    match app.conversations.mark(viewer, peer, position, seq).await {
        Ok(()) => Ok(()),
        Err(MarkError::NoSuchUser) => Err(PageError::NotFound),
        Err(MarkError::Beyond) => Err(unprocessable),
        Err(MarkError::Store(error)) => Err(error.into()),
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
