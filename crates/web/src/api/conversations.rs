use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Timestamp;
use domain::conversations::{self, InboxCursor, Position, Seq};
use domain::users::{self, Username};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiError;
use super::fields::FieldErrors;
use super::json::JsonBody;
use super::messages::Message;
use super::peer::Peer;
use super::query::{ListParams, Params};
use super::users::User;
use crate::App;
use crate::requests::{Cursor, Viewer};

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
    /// Up to where a client of yours has the messages.
    #[schema(minimum = 0, example = 12)]
    delivered_seq: i64,
    /// Up to where the other member has read; null when that is not shown, as one of you has read
    /// receipts turned off.
    #[schema(required, minimum = 0, example = 12)]
    peer_read_seq: Option<i64>,
    /// Up to where a client of the other member has the messages.
    #[schema(minimum = 0, example = 12)]
    peer_delivered_seq: i64,
    /// How many messages you have not read.
    #[schema(example = 2)]
    unread: u64,
    /// Its last message; null before the first.
    #[schema(required)]
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
        let receipts = conversation.receipts_for(viewer);
        Self {
            with: User::of(peer, now),
            last_seq: conversation.last_seq.get(),
            read_seq: conversation.mine.read().get(),
            delivered_seq: conversation.mine.delivered().get(),
            peer_read_seq: receipts.read().map(Seq::get),
            peer_delivered_seq: receipts.delivered().get(),
            unread: conversation.unread(),
            last_message: last_message.map(|message| Message::of(message, viewer, peer)),
        }
    }
}

/// A piece of the inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConversationList {
    items: Vec<Conversation>,
    /// Give it as `cursor` for the next piece; null at the end.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Read the inbox
///
/// The conversations that have messages, the latest active first.
#[utoipa::path(
    get, path = "/api/v1/conversations", tag = "conversations", params(ListParams),
    responses(
        (status = 200, description = "A piece of the list.", body = ConversationList),
        (status = 422, description = "`limit` or `cursor` is none."),
    ),
)]
pub(super) async fn list_conversations(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Params(params): Params<ListParams>,
) -> Result<Json<ConversationList>, ApiError> {
    let (limit, before) = params.parse::<InboxCursor>()?;
    let page = app.conversations.inbox(viewer.id, before, limit).await?;
    let now = app.clock.now();
    let items = page.items.iter();
    Ok(Json(ConversationList {
        items: items
            .map(|conversation| Conversation::of(conversation, &viewer, now))
            .collect(),
        next_cursor: page.next.as_ref().map(Cursor::to_word),
    }))
}

/// Read one conversation
///
/// With anybody you have not written to yet it is there too, and empty.
#[utoipa::path(
    get, path = "/api/v1/conversations/{username}", tag = "conversations",
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

/// How far somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReachedPosition {
    /// The number of the last message read, or had.
    #[schema(minimum = 0, example = 12)]
    seq: i64,
}

/// Mark as read
///
/// Moves your read position forward; one that is further already stays where it is.
#[utoipa::path(
    put, path = "/api/v1/conversations/{username}/read", tag = "conversations", request_body = ReachedPosition,
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
    JsonBody(reached): JsonBody<ReachedPosition>,
) -> Result<StatusCode, ApiError> {
    mark(&app, &viewer, &peer, Position::Read, &reached).await
}

/// Mark as delivered
///
/// Says that your client has the messages up to there, so that the other member sees it. Moves
/// forward only, and needs not be said of what is marked as read.
#[utoipa::path(
    put, path = "/api/v1/conversations/{username}/delivered", tag = "conversations", request_body = ReachedPosition,
    params(("username" = String, Path, description = "With whom.", example = "jamessmith")),
    responses(
        (status = 204, description = "Your client has them at least up to there."),
        (status = 404, description = "The name is unknown, disabled or your own."),
        (status = 422, description = "`seq` is no number, negative, or beyond the last message."),
    ),
)]
pub(super) async fn mark_delivered(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Peer(peer): Peer,
    JsonBody(reached): JsonBody<ReachedPosition>,
) -> Result<StatusCode, ApiError> {
    mark(&app, &viewer, &peer, Position::Delivered, &reached).await
}

async fn mark(
    app: &App,
    viewer: &users::User,
    peer: &Username,
    position: Position,
    reached: &ReachedPosition,
) -> Result<StatusCode, ApiError> {
    let seq = Seq::new(reached.seq);
    let seq = seq.map_err(|error| ApiError::Invalid(FieldErrors::of("seq", error)))?;
    app.conversations.mark(viewer, peer, position, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use domain::conversations::Positions;
    use domain::messages::{ClientId, MessageBody, MessageId};
    use domain::users::{DisplayName, UserId};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn user(id: u128, name: &str, last_seen_at: Option<Timestamp>) -> users::User {
        users::User {
            id: UserId(Uuid::from_u128(id)),
            username: Username::parse(name).unwrap(),
            display_name: DisplayName::parse(&name.to_uppercase()).unwrap(),
            last_seen_at,
            present_at: last_seen_at,
            read_receipts: true,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1_000 + 7).unwrap()
    }

    fn shown(conversation: &conversations::Conversation, viewer: &users::User) -> Value {
        serde_json::to_value(Conversation::of(conversation, viewer, at(1_000))).unwrap()
    }

    #[test]
    fn a_conversation_has_the_shape_of_the_contract() {
        let (viewer, peer) = (user(1, "mary", None), user(2, "james", Some(at(900))));
        let message = |sender: &users::User| domain::messages::Message {
            id: MessageId(Uuid::from_u128(3)),
            client_id: ClientId(Uuid::from_u128(4)),
            seq: Seq::new(5).unwrap(),
            sender: sender.id,
            body: MessageBody::parse("<b>\n\"").unwrap(),
            sent_at: at(800),
        };
        let seq = |n| Seq::new(n).unwrap();
        let conversation = |sender| conversations::Conversation {
            last_seq: seq(5),
            mine: Positions::new(seq(3), seq(2)),
            peers: Positions::new(seq(5), seq(4)),
            last_message: Some(message(sender)),
            ..conversations::Conversation::empty(peer.clone())
        };
        let expected = |sender: &str| {
            json!({
                "with": {
                    "id": "00000000-0000-0000-0000-000000000002",
                    "username": "james",
                    "display_name": "JAMES",
                    "online": true,
                    "last_seen_at": "1970-01-01T00:15:00.007Z",
                },
                "last_seq": 5,
                "read_seq": 2,
                "delivered_seq": 3,
                "peer_read_seq": 4,
                "peer_delivered_seq": 5,
                "unread": 3,
                "last_message": {
                    "id": "00000000-0000-0000-0000-000000000003",
                    "client_id": "00000000-0000-0000-0000-000000000004",
                    "seq": 5,
                    "sender": sender,
                    "body": "<b>\n\"",
                    "sent_at": "1970-01-01T00:13:20.007Z",
                },
            })
        };
        assert_eq!(shown(&conversation(&viewer), &viewer), expected("mary"));
        assert_eq!(shown(&conversation(&peer), &viewer), expected("james"));
    }

    #[test]
    fn what_somebody_has_read_is_null_where_it_is_not_shown() {
        let seq = |n| Seq::new(n).unwrap();
        let viewer = users::User {
            read_receipts: false,
            ..user(1, "mary", None)
        };
        let conversation = conversations::Conversation {
            last_seq: seq(5),
            mine: Positions::new(seq(3), seq(2)),
            peers: Positions::new(seq(3), seq(4)),
            ..conversations::Conversation::empty(user(2, "james", None))
        };
        let shown = shown(&conversation, &viewer);
        assert_eq!(shown.get("peer_read_seq"), Some(&Value::Null));
        assert_eq!(shown["peer_delivered_seq"], 4);
        assert_eq!(shown["read_seq"], 2);
    }

    #[test]
    fn an_empty_conversation_has_nulls_and_zeros() {
        let empty = conversations::Conversation::empty(user(2, "james", None));
        let shown = shown(&empty, &user(1, "mary", None));
        let numbers = [
            "last_seq",
            "read_seq",
            "delivered_seq",
            "peer_read_seq",
            "peer_delivered_seq",
            "unread",
        ];
        assert!(numbers.iter().all(|number| shown[number] == 0), "{shown}");
        assert_eq!(shown.get("last_message"), Some(&Value::Null));
        assert_eq!(shown["with"].get("last_seen_at"), Some(&Value::Null));
        assert_eq!(shown["with"]["online"], false);
    }
}
