use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::conversations::Position;
use domain::live::{Event, What};
use domain::{Timestamp, users};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::ApiError;
use super::messages::Message;
use super::users::User;
use crate::App;
use crate::requests::ActiveSession;
use crate::streams::{self, Following, Frame, Told};

/// How long a client waits that has too many streams.
const TOO_MANY: domain::RetryAfter = domain::RetryAfter(std::time::Duration::from_secs(15));

/// Follow what happens
///
/// A `text/event-stream` that tells each event at least once: `message` with `{with, message}`,
/// `read` with `{with, reader, seq}`, `delivered` with `{with, seq}` when a client of theirs has
/// the messages up to there, `typing` with `{with}`, `presence` with `{with, online, last_seen_at}`
/// of those you last wrote with, where `with` is the other one's username. Know messages by their `id`. Each event has an `id:`; come back with the last one as
/// `Last-Event-ID` and nothing is missed. `reload` says that too much was missed to be told: read
/// the conversations anew. `ping` comes every 15 seconds. `session-ended` and `restart` are the
/// last ones of a stream.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header, description = "From where to go on; without it, from now.")),
    responses(
        (status = 200, description = "The events.", content_type = "text/event-stream", body = String),
        (status = 400, description = "`Last-Event-ID` is none of ours."),
        (status = 429, description = "This user has as many streams as one may have."),
    ),
)]
pub(super) async fn follow_events(
    State(app): State<App>,
    ActiveSession {
        authenticated,
        token,
    }: ActiveSession,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cursor = streams::cursor(&headers, None)
        .map_err(|_| ApiError::Unreadable("Last-Event-ID is none of ours"))?;
    let place = app.streams.enter(authenticated.user.id);
    let place = place.map_err(|_| ApiError::TooFast(TOO_MANY))?;
    let following = Following {
        authenticated,
        token,
        cursor,
        _place: place,
    };
    let clock = app.clock.clone();
    let told = streams::follow(app, following).await?;
    Ok(streams::body(told.map(move |telling| {
        let (event, data) = tell(&telling.viewer, &telling.told, clock.now());
        Frame {
            id: telling.id,
            event: Some(event),
            data: data.to_string(),
        }
    })))
}

fn tell(viewer: &users::User, told: &Told, now: Timestamp) -> (&'static str, Value) {
    match told {
        Told::Beat => ("ping", json!({})),
        Told::Reload => ("reload", json!({})),
        Told::SessionEnded => ("session-ended", json!({})),
        Told::Restart => ("restart", json!({})),
        Told::Event(event) => match &**event {
            Event::SignedOut { .. } | Event::SignedOutEverywhere { .. } | Event::Absent { .. } => {
                ("ping", json!({}))
            }
            Event::Between { from, to, what } => {
                let peer = if from.id == viewer.id { to } else { from };
                let with = peer.username.as_str();
                match what {
                    What::Message(message) => {
                        let message = Message::of(message, viewer, peer);
                        ("message", json!({ "with": with, "message": message }))
                    }
                    What::Reached(position, seq) => {
                        let (reader, seq) = (from.username.as_str(), seq.get());
                        match position {
                            Position::Delivered => {
                                ("delivered", json!({ "with": with, "seq": seq }))
                            }
                            Position::Read => (
                                "read",
                                json!({ "with": with, "reader": reader, "seq": seq }),
                            ),
                        }
                    }
                    What::Presence => {
                        let User {
                            online,
                            last_seen_at,
                            ..
                        } = User::of(from, now);
                        let data = json!({
                            "with": with, "online": online, "last_seen_at": last_seen_at,
                        });
                        ("presence", data)
                    }
                    What::Typing => ("typing", json!({ "with": with })),
                }
            }
        },
    }
}
