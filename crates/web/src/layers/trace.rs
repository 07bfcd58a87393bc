use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use domain::{Clock, Ids};
use tower_http::request_id::{MakeRequestId, RequestId};
use tracing::Instrument as _;

/// The header that carries a request's id.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Takes away an id that the client made up: the log finds a request by an id that is its own.
pub(super) async fn forget_given_id(mut request: Request) -> Request {
    request.headers_mut().remove(REQUEST_ID);
    request
}

/// Gives each request an id, a `UUIDv7`.
#[derive(Clone)]
pub(super) struct RequestIds(pub(super) Arc<dyn Ids>, pub(super) Arc<dyn Clock>);

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _request: &axum::http::Request<B>) -> Option<RequestId> {
        let id = self.0.uuid(self.1.now()).to_string();
        HeaderValue::try_from(id).ok().map(RequestId::new)
    }
}

/// One line a request: method, route (not the URL, whose query is somebody's), status and time.
/// What a failed request failed on is logged once, in `errors`.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let id = request.extensions().get::<RequestId>();
    let span = tracing::info_span!("request", id = id.map(request_id));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).instrument(span.clone()).await;
    let _entered = span.entered();
    tracing::info!(
        %method,
        route = route.as_ref().map_or("-", |route| route.as_str()),
        status = response.status().as_u16(),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered",
    );
    response
}

/// A request's id as text.
pub(super) fn request_id(id: &RequestId) -> &str {
    // It was made of one.
    id.header_value().to_str().unwrap_or_default()
}
