use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use domain::conversations::{Position, Receipts};
use domain::live::{Event, What};
use domain::users::User;
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::PageError;
use crate::requests::{ActiveSession, NoViewer};
use crate::streams::{self, Following, Frame, Told};
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
    let viewer = authenticated.user.clone();
    let place = app.streams.enter(viewer.id);
    let place = place.map_err(|_| PageError::Status(StatusCode::TOO_MANY_REQUESTS))?;
    let cursor = streams::cursor(&headers, asked.after)
        .map_err(|_| PageError::Status(StatusCode::BAD_REQUEST))?;
    let following = Following {
        authenticated,
        token,
        cursor,
        _place: place,
    };
    let told = streams::follow(app.clone(), following).await?;
    let frames = told.then(move |(id, told)| {
        let (app, viewer) = (app.clone(), viewer.clone());
        async move { frame(&app, &viewer, id, told).await }
    });
    Ok(streams::body(frames))
}

async fn frame(app: &App, viewer: &User, id: Timestamp, told: Told) -> Frame {
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
                let data = between(app, viewer, from, to, what).await;
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

/// What changes on a page of `viewer` when `from` did this to `to`.
async fn between(app: &App, viewer: &User, from: &User, to: &User, what: &What) -> String {
    let peer = if from.id == viewer.id { to } else { from };
    let changes = match what {
        What::Typing => return views::live::typing(peer).into_string(),
        What::Presence => return views::live::presence(peer, app.clock.now()).into_string(),
        What::Message(message) => views::live::message(message, viewer, peer),
        What::Reached(position, seq) if from.id == peer.id => {
            return views::live::reached(peer, Receipts::at(*position, *seq)).into_string();
        }
        What::Reached(Position::Read, _) => maud::html! {},
        What::Reached(Position::Delivered, _) => return String::new(),
    };
    let entry = match app.conversations.find_with(viewer.id, &peer.username).await {
        Ok(Some(conversation)) => {
            let moves = matches!(what, What::Message(_));
            views::live::entry(&conversation, viewer, moves)
        }
        // The other one was disabled since: their conversation is in no inbox.
        Ok(None) => maud::html! {},
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an inbox entry was not told"
            );
            maud::html! {}
        }
    };
    changes.into_string() + &entry.into_string()
}
