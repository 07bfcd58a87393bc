use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Timestamp;
use domain::conversations::{self, InboxCursor, Seq};
use domain::users;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiError;
use super::fields::FieldErrors;
use super::json::JsonBody;
use super::list::{List, list};
use super::messages::Message;
use super::peer::Peer;
use super::query::{ListParams, Params};
use super::users::User;
use crate::App;
use crate::requests::Viewer;

/// A conversation, as one of its two members sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Conversation {
    /// The other member.
    with: User,
    /// The number of its last message; 0 before the first.
    #[schema(minimum = 0, example = 12)]
    last_seq: i64,
    /// Up to where you have read.
    #[schema(minimum = 0, example = 10)]
    read_seq: i64,
    /// Up to where the other member has read.
    #[schema(minimum = 0, example = 12)]
    peer_read_seq: i64,
    /// How many messages you have not read.
    #[schema(example = 2)]
    unread: u64,
    /// Its last message; null before the first.
    last_message: Option<Message>,
}

impl Conversation {
    fn of(
        conversation: &conversations::Conversation,
        viewer: &users::User,
        now: Timestamp,
    ) -> Self {
        let peer = &conversation.with;
        let last_message = conversation.last_message.as_ref();
        Self {
            with: User::of(peer, now),
            last_seq: conversation.last_seq.get(),
            read_seq: conversation.read_seq.get(),
            peer_read_seq: conversation.peer_read_seq.get(),
            unread: conversation.unread(),
            last_message: last_message.map(|message| Message::of(message, viewer, peer)),
        }
    }
}

/// Read the inbox
///
/// The conversations that have messages, the latest active first.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations", params(ListParams),
    responses(
        (status = 200, description = "A piece of the list.", body = List<Conversation>),
        (status = 422, description = "`limit` or `cursor` is none."),
    ),
)]
pub(super) async fn list_conversations(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Params(params): Params<ListParams>,
) -> Result<Json<List<Conversation>>, ApiError> {
    let (limit, before) = params.parse::<InboxCursor>()?;
    let page = app.conversations.inbox(viewer.id, before, limit).await?;
    let now = app.clock.now();
    Ok(list(&page, |conversation| {
        Conversation::of(conversation, &viewer, now)
    }))
}

/// Read one conversation
///
/// With anybody you have not written to yet it is there too, and empty.
#[utoipa::path(
    get, path = "/conversations/{username}", tag = "conversations",
    params(("username" = String, Path, description = "With whom.", example = "jamessmith")),
    responses(
        (status = 200, description = "The conversation.", body = Conversation),
        (status = 404, description = "The name is unknown, disabled or your own."),
    ),
)]
pub(super) async fn read_conversation(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Peer(peer): Peer,
) -> Result<Json<Conversation>, ApiError> {
    let found = app.conversations.find_with(viewer.id, &peer).await?;
    let conversation = found.ok_or(ApiError::NotFound)?;
    Ok(Json(Conversation::of(
        &conversation,
        &viewer,
        app.clock.now(),
    )))
}

/// How far somebody has read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadPosition {
    /// The number of the last message read.
    #[schema(minimum = 0, example = 12)]
    seq: i64,
}

/// Mark as read
///
/// Moves your read position forward; one that is further already stays where it is.
#[utoipa::path(
    put, path = "/conversations/{username}/read", tag = "conversations",
    params(("username" = String, Path, description = "With whom.", example = "jamessmith")),
    responses(
        (status = 204, description = "You have read at least up to there."),
        (status = 404, description = "The name is unknown, disabled or your own."),
        (status = 422, description = "`seq` is no number, negative, or beyond the last message."),
    ),
)]
pub(super) async fn mark_read(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Peer(peer): Peer,
    JsonBody(ReadPosition { seq }): JsonBody<ReadPosition>,
) -> Result<StatusCode, ApiError> {
    let seq = Seq::new(seq).map_err(|error| ApiError::Invalid(FieldErrors::of("seq", error)))?;
    app.conversations.mark_read(viewer.id, &peer, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
