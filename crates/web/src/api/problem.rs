use std::error::Error;
use std::sync::Arc;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::conversations::MarkReadError;
use domain::messages::SendError;
use domain::sessions::SignInError;
use domain::{RetryAfter, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::FieldErrors;
use crate::layers::Fault;

/// After how many seconds one may ask again when the server cannot answer for now.
const AWAY_SECONDS: u64 = 5;

/// Why a request under `/api` got no answer. As a response it is a [`Problem`].
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The request cannot be read; says what about it.
    Unreadable(&'static str),
    /// There is no session.
    NotSignedIn,
    /// Wrong name or password; which one is not said.
    Refused,
    /// It is not there, or not the viewer's: which one is not said.
    NotFound,
    /// The client id belongs to another message.
    Conflict,
    /// The body is over the limit.
    TooLarge,
    /// The body is of another kind than JSON.
    NotJson,
    /// It can be read, but breaks a rule; says which, by field.
    Invalid(FieldErrors),
    /// Too often in a short time.
    TooFast(RetryAfter),
    /// The server is at fault.
    Broken(Arc<dyn Error + Send + Sync>),
    /// The server cannot do it for now.
    Away(Arc<dyn Error + Send + Sync>),
}

impl ApiError {
    /// The problem for an answer that has only a status, such as those that the router and the
    /// layers give. `request_id` is shown with a 500, so that it can be found in the log.
    pub(crate) fn of_status(status: StatusCode, request_id: &str) -> Response {
        let mut problem = Problem::new(status, default_detail(status));
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            problem.id = Some(request_id.to_owned());
        }
        let response = problem.into_response();
        match status {
            StatusCode::SERVICE_UNAVAILABLE => retry_after(response, AWAY_SECONDS),
            _ => response,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::NotSignedIn | Self::Refused => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooFast(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Away(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let problem = |detail| Problem::new(status, Some(detail));
        match self {
            Self::Unreadable(detail) => problem(detail).into_response(),
            Self::Refused => problem("No user has this name and password.").into_response(),
            Self::NotSignedIn
            | Self::NotFound
            | Self::Conflict
            | Self::TooLarge
            | Self::NotJson => Problem::new(status, default_detail(status)).into_response(),
            Self::Invalid(errors) => {
                let mut problem = Problem::new(status, default_detail(status));
                problem.errors = Some(errors);
                problem.into_response()
            }
            Self::TooFast(after) => retry_after(
                Problem::new(status, default_detail(status)).into_response(),
                after.as_secs(),
            ),
            // Without a body: the outermost layer logs the fault and writes the problem, as only
            // it knows the id that both carry.
            Self::Broken(fault) => {
                let mut response = status.into_response();
                response.extensions_mut().insert(Fault(fault));
                response
            }
            Self::Away(fault) => {
                let mut response = Self::of_status(status, "");
                response.extensions_mut().insert(Fault(fault));
                response
            }
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Away(Arc::new(error)),
            StoreError::Broken(_) => Self::Broken(Arc::new(error)),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused => Self::Refused,
            SignInError::TooMany(after) => Self::TooFast(after),
            SignInError::Hash(error) => Self::Broken(Arc::new(error)),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoSuchUser => Self::NotFound,
            SendError::TooFast(after) => Self::TooFast(after),
            SendError::Conflict => Self::Conflict,
            SendError::Store(error) => error.into(),
        }
    }
}

impl From<MarkReadError> for ApiError {
    fn from(error: MarkReadError) -> Self {
        match error {
            MarkReadError::NoSuchUser => Self::NotFound,
            MarkReadError::Beyond => Self::Invalid(FieldErrors::of(
                "seq",
                "must not be beyond the last message",
            )),
            MarkReadError::Store(error) => error.into(),
        }
    }
}

/// What an error answer says (RFC 9457). The status tells a program all it needs; `type` is
/// `about:blank`, which means just that.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the problem is what the status says.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The name of the status.
    #[schema(example = "Unprocessable Entity")]
    title: &'static str,
    /// The status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong, for people. A 500 has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Something in the request breaks a rule.")]
    detail: Option<&'static str>,
    /// With a 422: what each field breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<String>>>, example = json!({ "body": ["must not be empty"] }))]
    errors: Option<FieldErrors>,
    /// With a 500: what to quote when you report it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl Problem {
    pub(super) const CONTENT_TYPE: &str = "application/problem+json";

    fn new(status: StatusCode, detail: Option<&'static str>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail,
            errors: None,
            id: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = [(CONTENT_TYPE, Self::CONTENT_TYPE)];
        (status, content_type, Json(self)).into_response()
    }
}

/// What there is to say about a status when nothing more is known; nothing about a 500.
fn default_detail(status: StatusCode) -> Option<&'static str> {
    Some(match status {
        StatusCode::BAD_REQUEST => "The request cannot be read.",
        StatusCode::UNAUTHORIZED => "Sign in first: POST /api/v1/session.",
        StatusCode::FORBIDDEN => "Another site may not do this here.",
        StatusCode::NOT_FOUND => "There is no such thing, or it is not yours to see.",
        StatusCode::METHOD_NOT_ALLOWED => {
            "This cannot be done here; the Allow header says what can."
        }
        StatusCode::REQUEST_TIMEOUT => "The request took too long to arrive.",
        StatusCode::CONFLICT => "This client id belongs to another message of yours.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body has more than 64 KiB.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body must be JSON, sent as application/json.",
        StatusCode::UNPROCESSABLE_ENTITY => "Something in the request breaks a rule.",
        StatusCode::TOO_MANY_REQUESTS => {
            "Too often in a short time; the Retry-After header says when again."
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            "Not possible for now; the Retry-After header says when again."
        }
        _ => return None,
    })
}

fn retry_after(mut response: Response, seconds: u64) -> Response {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}
