//! What every request passes through, and the one router of it all.
//!
//! From the outside in: request id → log → compression → security headers → error bodies → panics → time limit
//! → cross-site check → size limit → cookies → route. Where an operator wants figures, [`Answers`] counts
//! outside of all these.

mod answers;
mod errors;
mod headers;
mod trace;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, map_request, map_response_with_state};
use tower::ServiceBuilder;
use tower_cookies::CookieManagerLayer;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::compression::{CompressionLayer, DefaultPredicate, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

pub use answers::{Answered, Answers};
pub(crate) use errors::Fault;

use crate::{App, api, pages};

/// The largest request body, in bytes, where a route says nothing else: a message of 8,000
/// characters fits, each of four bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// How long an answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// From how many bytes on an answer is compressed.
const WORTH_COMPRESSING: u64 = 1_024;

/// The whole server as one service. Requests must carry the peer's address as
/// [`axum::extract::ConnectInfo`]`<SocketAddr>`.
pub fn router(app: App) -> Router {
    let id = trace::REQUEST_ID;
    let origin = app.config.public_url.origin().ascii_serialization();
    let csrf = CsrfLayer::new();
    // An origin that the layer cannot take as trusted can never match a browser's either.
    let csrf = csrf.clone().add_trusted_origin(origin).unwrap_or(csrf);

    let layers = ServiceBuilder::new()
        .layer(map_request(trace::forget_given_id))
        .layer(SetRequestIdLayer::new(
            id.clone(),
            trace::RequestIds(app.ids.clone(), app.clock.clone()),
        ))
        .layer(from_fn(trace::log))
        .layer(PropagateRequestIdLayer::new(id))
        .layer(compression())
        .layer(map_response_with_state(app.config.clone(), headers::secure))
        .layer(from_fn(errors::dress))
        .layer(CatchPanicLayer::custom(errors::Panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIME_LIMIT,
        ))
        .layer(csrf)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CookieManagerLayer::new());

    pages::routes()
        .merge(api::routes())
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(app)
        .layer(layers)
}

/// Compresses pages and lists for whoever takes it, not hard: they are made anew for each request.
/// Event streams and what is compressed already pass through.
fn compression() -> CompressionLayer<impl Predicate> {
    let is_worth_it = DefaultPredicate::new().and(SizeAbove::new(WORTH_COMPRESSING));
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(is_worth_it)
}
