use std::error::Error;
use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::conversations::MarkError;
use domain::messages::SendError;
use domain::sessions::SignInError;
use domain::{RetryAfter, StoreError};

use super::Problem;
use super::fields::FieldErrors;
use crate::layers::Fault;

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
    /// The body did not arrive in time.
    TooSlow,
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
    pub(crate) fn of_status(status: StatusCode, request_id: &str) -> Problem {
        let mut problem = Problem::of(status);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            problem.id = Some(request_id.to_owned());
        }
        problem
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::NotSignedIn | Self::Refused => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
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
        let mut problem = Problem::of(status);
        match self {
            Self::NotSignedIn
            | Self::NotFound
            | Self::Conflict
            | Self::TooLarge
            | Self::TooSlow
            | Self::NotJson => {}
            Self::Unreadable(detail) => problem.detail = Some(detail),
            Self::Refused => problem.detail = Some("No user has this name and password."),
            Self::Invalid(errors) => problem.errors = Some(errors),
            Self::TooFast(after) => problem.retry_after = Some(after.as_secs()),
            // Without a body: the outermost layer logs the fault and writes the problem, as only
            // it knows the id that both carry.
            Self::Broken(fault) => return (status, Extension(Fault(fault))).into_response(),
            Self::Away(fault) => return (Extension(Fault(fault)), problem).into_response(),
        }
        problem.into_response()
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

impl From<MarkError> for ApiError {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::NoSuchUser => Self::NotFound,
            MarkError::Beyond => Self::Invalid(FieldErrors::of(
                "seq",
                "must not be beyond the last message",
            )),
            MarkError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
    use serde_json::{Value, json};

    use super::*;

    async fn shown(answer: impl IntoResponse) -> (u16, Option<String>, Value) {
        let (parts, body) = answer.into_response().into_parts();
        let header = |name| {
            let value = parts.headers.get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        assert_eq!(
            header(CONTENT_TYPE).as_deref(),
            Some("application/problem+json")
        );
        let body = serde_json::from_slice(&to_bytes(body, 10_000).await.unwrap()).unwrap();
        (parts.status.as_u16(), header(RETRY_AFTER), body)
    }

    #[tokio::test]
    async fn every_error_is_a_problem_that_repeats_its_status() {
        let wait = RetryAfter(std::time::Duration::from_millis(1500));
        for (error, status, title) in [
            (
                ApiError::Unreadable("The body is not valid JSON."),
                400,
                "Bad Request",
            ),
            (ApiError::NotSignedIn, 401, "Unauthorized"),
            (ApiError::Refused, 401, "Unauthorized"),
            (ApiError::NotFound, 404, "Not Found"),
            (ApiError::Conflict, 409, "Conflict"),
            (ApiError::TooLarge, 413, "Payload Too Large"),
            (ApiError::NotJson, 415, "Unsupported Media Type"),
            (
                ApiError::Invalid(FieldErrors::of("seq", "must be given")),
                422,
                "Unprocessable Entity",
            ),
            (ApiError::TooFast(wait), 429, "Too Many Requests"),
        ] {
            let (answered, _, body) = shown(error).await;
            assert_eq!(answered, status);
            assert_eq!(body["type"], "about:blank");
            assert_eq!(body["title"], title);
            assert_eq!(body["status"], status);
            assert!(
                body["detail"]
                    .as_str()
                    .is_some_and(|detail| detail.ends_with('.')),
                "{body}"
            );
            assert_eq!(body.get("errors").is_some(), status == 422);
            assert_eq!(body.get("id"), None);
        }
    }

    #[tokio::test]
    async fn what_breaks_a_rule_is_said_by_field() {
        let (_, _, body) = shown(ApiError::from(MarkError::Beyond)).await;
        assert_eq!(
            body["errors"],
            json!({ "seq": ["must not be beyond the last message"] })
        );
    }

    #[tokio::test]
    async fn when_to_ask_again_is_said_in_whole_seconds() {
        let wait = RetryAfter(std::time::Duration::from_millis(1500));
        let (_, after, _) = shown(ApiError::from(SendError::TooFast(wait))).await;
        assert_eq!(after.as_deref(), Some("2"));
    }

    #[tokio::test]
    async fn a_fault_goes_to_the_log_and_not_to_the_client() {
        let away = ApiError::from(StoreError::Unavailable("secret".into())).into_response();
        assert_eq!(
            away.extensions()
                .get::<Fault>()
                .unwrap()
                .0
                .source()
                .unwrap()
                .to_string(),
            "secret"
        );
        let (status, after, body) = shown(away).await;
        assert_eq!((status, after.as_deref()), (503, Some("5")));
        assert!(!body.to_string().contains("secret"));

        let broken = ApiError::from(StoreError::Broken("secret".into())).into_response();
        assert_eq!(broken.status(), 500);
        assert_eq!(
            broken
                .extensions()
                .get::<Fault>()
                .unwrap()
                .0
                .source()
                .unwrap()
                .to_string(),
            "secret"
        );
        assert!(to_bytes(broken.into_body(), 1).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_500_has_an_id_and_no_detail() {
        let bare = ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR, "7");
        let (status, _, body) = shown(bare).await;
        assert_eq!(status, 500);
        let expected = json!({
            "type": "about:blank", "title": "Internal Server Error", "status": 500, "id": "7",
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn a_bare_status_becomes_a_problem() {
        for status in (400..600).filter_map(|status| StatusCode::from_u16(status).ok()) {
            let (answered, after, body) = shown(ApiError::of_status(status, "7")).await;
            assert_eq!(
                (answered, &body["status"]),
                (status.as_u16(), &json!(status.as_u16()))
            );
            assert_eq!(after.is_some(), status == StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
