use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::FieldErrors;

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
    #[schema(nullable = false, example = "Something in the request breaks a rule.")]
    pub(super) detail: Option<&'static str>,
    /// With a 422: what each field breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<std::collections::BTreeMap<String, Vec<String>>>, example = json!({ "body": ["must not be empty"] }))]
    pub(super) errors: Option<FieldErrors>,
    /// With a 500: what to quote when you report it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) id: Option<String>,
    /// In how many seconds to ask again, for the header.
    #[serde(skip)]
    pub(super) retry_after: Option<u64>,
}

impl Problem {
    pub(super) const CONTENT_TYPE: &str = "application/problem+json";
    /// After how many seconds one may ask again when the server cannot answer for now.
    const AWAY_SECONDS: u64 = 5;

    /// What there is to say when only the status is known.
    pub(super) fn of(status: StatusCode) -> Self {
        let is_away = status == StatusCode::SERVICE_UNAVAILABLE;
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail(status),
            errors: None,
            id: None,
            retry_after: is_away.then_some(Self::AWAY_SECONDS),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after.map(HeaderValue::from);
        let content_type = [(CONTENT_TYPE, Self::CONTENT_TYPE)];
        let mut response = (status, content_type, Json(self)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

/// Nothing about a 500: what failed is for the log.
fn detail(status: StatusCode) -> Option<&'static str> {
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
