use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::conversations::Seq;
use domain::messages::{self, ClientId, ClientIdError, MessageBody};
use domain::users::{self, Username};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ApiError;
use super::fields::FieldErrors;
use super::json::JsonBody;
use super::peer::Peer;
use crate::App;
use crate::requests::Viewer;

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    #[schema(example = "01979a3e-7b1c-7d3e-9f60-5a4b3c2d1e0f")]
    id: Uuid,
    /// What its sender's client called it.
    #[schema(example = "5b0c1d1e-7c1f-4a39-9b52-0a6f0c2f9d11")]
    client_id: Uuid,
    /// Its number in the conversation: 1, 2, 3 … without gaps. The order to show.
    #[schema(minimum = 1, example = 12)]
    seq: i64,
    /// The username of whoever wrote it.
    #[schema(example = "davidjones")]
    sender: String,
    /// The text, as it is: plain, with newlines.
    #[schema(example = "Lunch at noon?", min_length = 1, max_length = 8000)]
    body: String,
    /// When the server took it.
    #[schema(format = DateTime, example = "2025-03-10T12:37:45.615Z")]
    sent_at: String,
}

impl Message {
    /// Of a conversation between these two.
    pub(super) fn of(
        message: &messages::Message,
        viewer: &users::User,
        peer: &users::User,
    ) -> Self {
        let sender = if message.sender == viewer.id {
            viewer
        } else {
            peer
        };
        Self {
            id: message.id.0,
            client_id: message.client_id.0,
            seq: message.seq.get(),
            sender: sender.username.to_string(),
            body: message.body.as_str().to_owned(),
            sent_at: message.sent_at.to_string(),
        }
    }
}

/// A message to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    /// Plain text: 1–8,000 characters after trimming; no control characters but tab and newline.
    #[schema(example = "Lunch at noon?", min_length = 1, max_length = 8000)]
    body: String,
    /// A UUID of your own for this message, which makes it safe to send it again.
    #[schema(format = Uuid, example = "5b0c1d1e-7c1f-4a39-9b52-0a6f0c2f9d11")]
    client_id: Option<String>,
}

impl NewMessage {
    /// The client id may stand in the body or in the header, or in both when it is the same.
    fn parse(&self, headers: &HeaderMap) -> Result<(MessageBody, Option<ClientId>), ApiError> {
        let mut errors = FieldErrors::default();
        let body = errors.check("body", MessageBody::parse(&self.body));
        let given = self.client_id.as_deref().map(ClientId::parse).transpose();
        let given = errors.check("client_id", given).flatten();
        let key = errors
            .check(IDEMPOTENCY_KEY, idempotency_key(headers))
            .flatten();
        if given.zip(key).is_some_and(|(given, key)| given != key) {
            errors.add(IDEMPOTENCY_KEY, "must be the same as client_id");
        }
        errors.unless_any(body.map(|body| (body, given.or(key))))
    }
}

/// The header as a bare UUID, or between quotation marks as its draft standard wants it.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<ClientId>, ClientIdError> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let raw = value.to_str().map_err(|_| ClientIdError)?;
    let quoted = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    ClientId::parse(quoted.unwrap_or(raw)).map(Some)
}

/// Send a message
///
/// When the answer comes, the message is stored durably. Should no answer come, send the same
/// again with the same `client_id` (or `Idempotency-Key`): it is stored once, and the answer is the
/// message as it was stored.
#[utoipa::path(
    post, path = "/api/v1/conversations/{username}/messages", tag = "messages", request_body = NewMessage,
    params(
        ("username" = String, Path, description = "To whom.", example = "jamessmith"),
        ("Idempotency-Key" = Option<Uuid>, Header, description = "The same as `client_id`, for clients that keep it out of the body."),
    ),
    responses(
        (status = 201, description = "Stored.", body = Message, headers(
            ("Location" = String, description = "Where the message is found."),
        )),
        (status = 200, description = "It had been stored before: this was a retry.", body = Message, headers(
            ("Location" = String, description = "Where the message is found."),
        )),
        (status = 404, description = "The name is unknown, disabled or your own."),
        (status = 409, description = "The client id belongs to another message of yours."),
        (status = 422, description = "The body breaks a rule, or the client id is no UUID."),
        (status = 429, description = "Too many messages in a short time; none was stored."),
    ),
)]
pub(super) async fn send_message(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Peer(to): Peer,
    headers: HeaderMap,
    JsonBody(message): JsonBody<NewMessage>,
) -> Result<impl IntoResponse, ApiError> {
    let (body, client_id) = message.parse(&headers)?;
    let message = messages::Send {
        to,
        client_id,
        body,
    };
    let sent = app.messages.send(&viewer, message).await?;
    let status = if sent.retry {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let location = [(LOCATION, location(&sent.to.username, sent.message.seq))];
    Ok((
        status,
        location,
        Json(Message::of(&sent.message, &viewer, &sent.to)),
    ))
}

/// The piece of history that is this one message.
fn location(peer: &Username, seq: Seq) -> String {
    let before = seq.get() - 1;
    format!("/api/v1/conversations/{peer}/messages?after={before}&limit=1")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const ID: &str = "5b0c1d1e-7c1f-4a39-9b52-0a6f0c2f9d11";

    fn client_id(field: Option<&str>, header: Option<&str>) -> Result<Option<String>, ApiError> {
        let message = NewMessage {
            body: "x".to_owned(),
            client_id: field.map(Into::into),
        };
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(
                IDEMPOTENCY_KEY,
                HeaderValue::from_bytes(header.as_bytes()).unwrap(),
            );
        }
        message
            .parse(&headers)
            .map(|(_, id)| id.map(|id| id.to_string()))
    }

    fn errors<T: std::fmt::Debug>(outcome: Result<T, ApiError>) -> FieldErrors {
        match outcome {
            Err(ApiError::Invalid(errors)) => errors,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_client_id_comes_from_the_body_or_the_header() {
        let quoted = format!("\"{ID}\"");
        assert_eq!(client_id(None, None).unwrap(), None);
        for (field, header) in [
            (Some(ID), None),
            (None, Some(ID)),
            (None, Some(quoted.as_str())),
            (Some(ID), Some(ID)),
        ] {
            assert_eq!(client_id(field, header).unwrap().as_deref(), Some(ID));
        }
    }

    #[test]
    fn two_client_ids_must_agree() {
        let other = "5b0c1d1e-7c1f-4a39-9b52-0a6f0c2f9d12";
        let expected = FieldErrors::of(IDEMPOTENCY_KEY, "must be the same as client_id");
        assert_eq!(errors(client_id(Some(ID), Some(other))), expected);
    }

    #[test]
    fn everything_wrong_with_a_message_is_said_at_once() {
        let message = NewMessage {
            body: " \n".to_owned(),
            client_id: Some("1".to_owned()),
        };
        let mut headers = HeaderMap::new();
        headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_bytes(b"\xff").unwrap());
        let mut expected = FieldErrors::of("body", "must not be empty");
        expected.add("client_id", "must be a UUID");
        expected.add(IDEMPOTENCY_KEY, "must be a UUID");
        assert_eq!(errors(message.parse(&headers)), expected);
    }

    #[test]
    fn a_message_is_found_where_its_location_says() {
        let (peer, seq) = (Username::parse("a+b@c.d").unwrap(), Seq::new(12).unwrap());
        let expected = "/api/v1/conversations/a+b@c.d/messages?after=11&limit=1";
        assert_eq!(location(&peer, seq), expected);
    }
}
