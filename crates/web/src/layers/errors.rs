use std::any::Any;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::ResponseForPanic;
use tower_http::request_id::RequestId;

use super::trace::request_id;
use crate::api::ApiError;
use crate::pages::PageError;
use crate::requests::{Client, Looks};

/// Rides on an answer: what went wrong, for the log and nobody else.
#[derive(Clone)]
pub(crate) struct Fault(pub(crate) Arc<dyn Error + Send + Sync>);

/// Makes an answer of a panic; the panic hook has printed where it happened.
#[derive(Clone, Copy)]
pub(super) struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, _panic: Box<dyn Any + Send>) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        let fault: Arc<dyn Error + Send + Sync> = Arc::from(Box::from("panicked"));
        response.extensions_mut().insert(Fault(fault));
        response
    }
}

/// Gives every error the body its client can use, whoever raised it: a handler, a layer or the
/// router itself. Logs what the server is to blame for, once, with the request's id.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let client = Client::of(request.uri(), request.headers());
    // Of a request that goes well nothing is read: its id and its cookies are only pointed to.
    let cookies = request.headers().get_all(COOKIE).iter();
    let cookies: HeaderMap = cookies.map(|cookie| (COOKIE, cookie.clone())).collect();
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    let is_bare = !is_dressed(&response);
    match response.extensions().get::<Fault>() {
        Some(Fault(error)) => tracing::error!(cause = chain(&**error), "failed"),
        None if status.is_server_error() && is_bare => tracing::error!("took too long"),
        None => {}
    }
    if !(is_bare && (status.is_client_error() || status.is_server_error())) {
        return response;
    }
    let id = id.as_ref().map_or("", request_id);
    let mut dressed = match client {
        Client::Json => ApiError::of_status(status, id).into_response(),
        Client::Browser | Client::Htmx(_) => {
            let error = response.extensions().get::<PageError>().cloned();
            error
                .unwrap_or_else(|| PageError::of_status(status))
                .render(client, &Looks::of(&cookies), id)
        }
    };
    let (parts, _) = response.into_parts();
    for (name, value) in &parts.headers {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    dressed
}

/// Whether the answer has the body its handler wants: a page or a problem. Plain text is what
/// axum and the layers write.
fn is_dressed(response: &Response) -> bool {
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_final = |kind: &str| kind.starts_with("text/html") || kind.ends_with("json");
    content_type.is_some_and(is_final) || response.headers().contains_key("hx-redirect")
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        // Writing into a string cannot fail.
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}
