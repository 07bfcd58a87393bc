use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use domain::conversations::{Position, Receipts};
use domain::live::{Event, What};
use domain::users::User;
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::{PageError, news};
use crate::requests::{ActiveSession, Looks, NoViewer, Reader};
use crate::streams::{self, Following, Frame, Telling, Told};
use crate::{App, paths, views};

#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<i64>,
}

/// What happens, as pieces of HTML for the page that is open. A stream cannot be redirected, so
/// one without a session is told so as its only event.
pub(super) async fn events(
    _: paths::Events,
    State(app): State<App>,
    session: Result<ActiveSession, NoViewer>,
    looks: Looks,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let ActiveSession {
        authenticated,
        token,
    } = match session {
        Ok(session) => session,
        Err(NoViewer::SignedOut(_)) => {
            let ended = Frame {
                id: app.clock.now(),
                event: Some("session-ended"),
                data: String::new(),
            };
            return Ok(streams::body(futures_util::stream::iter([ended])));
        }
        Err(unknown @ NoViewer::Unknown(_)) => return Ok(unknown.into_response()),
    };
    let cursor = streams::cursor(&headers, asked.after)
        .map_err(|_| PageError::Status(StatusCode::BAD_REQUEST))?;
    let place = app.streams.enter(authenticated.user.id);
    let place = place.map_err(|_| PageError::Status(StatusCode::TOO_MANY_REQUESTS))?;
    let following = Following {
        authenticated,
        token,
        cursor,
        _place: place,
    };
    let told = streams::follow(app.clone(), following).await?;
    let frames = told.then(move |Telling { id, viewer, told }| {
        let reader = Reader {
            user: viewer,
            looks: looks.clone(),
            now: app.clock.now(),
        };
        let app = app.clone();
        // It takes its room only while a frame is drawn.
        Box::pin(async move { frame(&app, &reader, id, told).await })
    });
    Ok(streams::body(frames))
}

async fn frame(app: &App, reader: &Reader, id: Timestamp, told: Told) -> Frame {
    let named = |event| Frame {
        id,
        event: Some(event),
        data: String::new(),
    };
    match told {
        Told::Beat => named("ping"),
        Told::Reload => named("reload"),
        Told::SessionEnded => named("session-ended"),
        Told::Restart => named("restart"),
        Told::Event(event) => match &*event {
            Event::Between { from, to, what } => {
                let data = between(app, reader, from, to, what).await;
                Frame {
                    id,
                    event: None,
                    data,
                }
            }
            Event::SignedOut { .. } | Event::SignedOutEverywhere { .. } | Event::Absent { .. } => {
                named("ping")
            }
        },
    }
}

/// What changes on a page of the reader when `from` did this to `to`.
async fn between(app: &App, reader: &Reader, from: &User, to: &User, what: &What) -> String {
    let peer = if from.id == reader.user.id { to } else { from };
    let changes = match what {
        What::Typing => views::live::typing(peer),
        What::Presence => views::live::presence(peer, reader.now),
        What::Message(message) => news::of_message(app, reader, peer, message).await,
        What::Reached(position, seq) if from.id == peer.id => {
            views::live::reached(peer, Receipts::at(*position, *seq))
        }
        What::Reached(Position::Read, _) => news::of_reading(app, reader, peer).await,
        What::Reached(Position::Delivered, _) => return String::new(),
    };
    changes.into_string()
}
