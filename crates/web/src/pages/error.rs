use std::error::Error;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use domain::{RetryAfter, StoreError};

use crate::layers::Fault;
use crate::requests::{Client, Fragment, Looks};
use crate::views;

/// Why there is no page. It becomes HTML in [`PageError::render`], once it is known for whom.
#[derive(Clone, Debug)]
pub(crate) enum PageError {
    /// Not there, or not for the viewer.
    NotFound,
    /// No other user of that name, or none any more.
    NoSuchPerson,
    /// The client id belongs to another message.
    Conflict,
    /// Too often.
    TooMany(RetryAfter),
    /// A port failed.
    Store(Arc<StoreError>),
    /// The server is at fault in some other way.
    Broken(Arc<dyn Error + Send + Sync>),
    /// Raised by a layer or an extractor, which said no more than this.
    Status(StatusCode),
}

impl PageError {
    pub(crate) fn of_status(status: StatusCode) -> Self {
        if status == StatusCode::NOT_FOUND {
            Self::NotFound
        } else {
            Self::Status(status)
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoSuchPerson => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(error) => match **error {
                StoreError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
                StoreError::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Status(status) => *status,
        }
    }

    /// What a person is told: a heading and what they can do.
    pub(crate) fn words(&self) -> (&'static str, String) {
        if let Self::TooMany(after) = self {
            return (
                "Too many at once",
                format!("Please wait {} seconds and try again.", after.as_secs()),
            );
        }
        if let Self::NoSuchPerson = self {
            let advice = "There is no other person of that name, or their account was closed.";
            return ("Nobody here", advice.to_owned());
        }
        let (heading, advice) = match self.status().as_u16() {
            400 | 422 => (
                "Not understood",
                "Something in that address or form could not be read.",
            ),
            403 => (
                "Refused",
                "That request came from another site, so nothing was done.",
            ),
            404 => (
                "Not found",
                "There is nothing here, or it is not yours to see.",
            ),
            405 => ("Not possible", "This address cannot be used that way."),
            408 => (
                "Too slow",
                "That took too long to arrive. Please try again on a better connection.",
            ),
            413 => ("Too large", "That was more than can be sent at once."),
            415 => ("Not understood", "That kind of form is not known here."),
            503 => (
                "Out of reach",
                "The server cannot reach its data. Please try again in a moment.",
            ),
            _ => (
                "Something went wrong",
                "It is not your fault, and it was written down.",
            ),
        };
        (heading, advice.to_owned())
    }

    /// The answer for this client; `id` lets an operator find the log's line.
    pub(crate) fn render(&self, client: Client, looks: &Looks, id: &str) -> Response {
        let shown = (self.status() == StatusCode::INTERNAL_SERVER_ERROR).then_some(id);
        let (heading, advice) = self.words();
        let body = match client {
            Client::Htmx(Fragment::Part) => views::error::notice(heading, &advice),
            Client::Htmx(Fragment::Pane) => views::error::pane(heading, &advice, shown),
            Client::Browser | Client::Json => views::error::page(heading, &advice, shown, looks),
        };
        self.answer(body)
    }

    /// This answer with a body of the caller's, and with what the client and the log need.
    pub(crate) fn answer(&self, body: impl IntoResponse) -> Response {
        let mut response = (self.status(), body).into_response();
        let wait = match self {
            Self::TooMany(after) => Some(after.as_secs()),
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => Some(5),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        match self {
            Self::Store(error) => drop(response.extensions_mut().insert(Fault(error.clone()))),
            Self::Broken(error) => drop(response.extensions_mut().insert(Fault(error.clone()))),
            Self::NotFound
            | Self::NoSuchPerson
            | Self::Conflict
            | Self::TooMany(_)
            | Self::Status(_) => {}
        }
        response
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.answer(());
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}
