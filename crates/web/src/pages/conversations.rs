use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ListLimit;
use domain::conversations::{InboxCursor, MarkError, Position, Seq};
use domain::users::{User, Username};
use serde::Deserialize;

use super::drawn;
use super::piece::Part;
use super::{PageError, Pane, Piece, View};
use crate::requests::{Client, Cursor as _, Form, Fragment, Reader, Viewer};
use crate::{App, paths, views};

#[derive(Deserialize)]
pub(super) struct Asked {
    before: Option<String>,
}

/// The inbox; with `before`, a further piece of it.
pub(super) async fn inbox(
    _: paths::Inbox,
    State(app): State<App>,
    reader: Reader,
    client: Client,
    Query(Asked { before }): Query<Asked>,
) -> Result<Response, PageError> {
    let before = before.map(|word| InboxCursor::from_word(&word)).transpose();
    let before = before.map_err(|_| PageError::Status(StatusCode::BAD_REQUEST))?;
    if client == Client::Htmx(Fragment::Part) {
        let inbox = app
            .conversations
            .inbox(reader.user.id, before, ListLimit::default())
            .await?;
        return Ok(match before {
            Some(_) => drawn::entries(&app, &inbox, &reader, None),
            None => views::live::inbox(&inbox, &reader),
        }
        .into_response());
    }
    let pane = Pane {
        title: "Conversations".to_owned(),
        view: View::Inbox,
        current: None,
        inbox_from: before,
        typed: String::new(),
        content: views::inbox::nothing_open(),
    };
    pane.show(&app, &reader, client).await
}

#[derive(Deserialize)]
pub(super) struct Look {
    at: Option<i64>,
}

/// Story 2: the conversation with another user, its newest messages first to be seen, or those
/// around the one that a link leads to.
pub(super) async fn open(
    path: paths::Conversation,
    State(app): State<App>,
    reader: Reader,
    client: Client,
    Query(Look { at }): Query<Look>,
) -> Result<Response, PageError> {
    let part = match at.map(Seq::new).transpose() {
        Ok(at) => at.map(Part::Around),
        Err(_) => return Err(PageError::Status(StatusCode::BAD_REQUEST)),
    };
    let Some(part) = part else {
        let opened = drawn::open(&app, &reader, &path.username.0).await?;
        let drawn::Opened {
            conversation,
            history,
            inbox,
        } = opened.ok_or(PageError::NoSuchPerson)?;
        let composer = views::composer::fresh(&conversation.with, app.new_client_id());
        let content =
            views::conversation::around(&conversation, &history, None, &reader, &composer);
        let pane = Pane::conversation(&conversation, content);
        return Ok(pane.beside(&inbox, &app, &reader, client));
    };
    let piece = Piece::read(&app, &reader.user, &path.username.0, part).await?;
    let piece = piece.ok_or(PageError::NoSuchPerson)?;
    let composer = views::composer::fresh(&piece.conversation.with, app.new_client_id());
    let content = views::conversation::pane(&piece, &reader, &composer);
    Pane::conversation(&piece.conversation, content)
        .show(&app, &reader, client)
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
