use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Request, RequestErrorKind};
use domain::users::UserId;
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::{subject, wire};
use crate::subscribers::Subscribers;

/// A subject on which nobody listens: the server says so at once.
const NOBODY: &str = "jbl.nobody";

/// What brings the events of a user from other nodes. When the last clone is dropped, it ends.
#[derive(Clone, Debug)]
pub(super) struct Line {
    state: watch::Sender<State>,
    _relay: Arc<AbortOnDropHandle<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The server may not know of it yet.
    Opening,
    /// Still so, and somebody counts on it already.
    Late,
    /// Nothing is missed from now on.
    Open,
}

impl Line {
    /// How long a server that is there may take to answer.
    pub(super) const PATIENCE: Duration = Duration::from_secs(1);

    /// Begins to listen for a user who has just come.
    pub(super) fn open(client: Client, subscribers: Arc<Subscribers<Self>>, user: UserId) -> Self {
        let (state, _) = watch::channel(State::Opening);
        let relay = {
            let state = state.clone();
            async move {
                relay(&client, &subscribers, user, &state).await;
                // Nothing comes any more, or something was missed.
                subscribers.cut_off(user);
            }
        };
        Self {
            state,
            _relay: Arc::new(AbortOnDropHandle::new(tokio::spawn(relay))),
        }
    }

    /// Returns when it is open, or after a while all the same: then those who count on it are cut
    /// off once it is open.
    pub(super) async fn wait_for(&self, patience: Duration) {
        let mut state = self.state.subscribe();
        let is_open = state.wait_for(|state| *state == State::Open);
        if timeout(patience, is_open).await.is_err() {
            self.state.send_if_modified(|state| {
                let is_opening = *state == State::Opening;
                if is_opening {
                    *state = State::Late;
                }
                is_opening
            });
        }
    }
}

/// Returns when the subscribers of `user` must be cut off.
async fn relay(
    client: &Client,
    subscribers: &Subscribers<Line>,
    user: UserId,
    state: &watch::Sender<State>,
) {
    let mut messages = match client.subscribe(subject(user)).await {
        Ok(messages) => messages,
        Err(error) => {
            tracing::warn!(%error, "cannot listen for a user");
            return;
        }
    };
    if !is_answered(client).await || state.send_replace(State::Open) == State::Late {
        return;
    }
    while let Some(message) = messages.next().await {
        match wire::decode(&message.payload) {
            Ok(event) => subscribers.tell(user, &Arc::new(event)),
            Err(error) => {
                tracing::warn!(%error, "an event of another node cannot be read");
                return;
            }
        }
    }
}

/// Waits until the server has answered a question, and so has done all it was asked before.
/// Flushing would only tell that the question has left.
async fn is_answered(client: &Client) -> bool {
    loop {
        let question = Request::new().timeout(Some(Line::PATIENCE));
        match client
            .send_request(NOBODY, question)
            .await
            .map_err(|error| error.kind())
        {
            Ok(_) | Err(RequestErrorKind::NoResponders) => return true,
            Err(RequestErrorKind::TimedOut) => {}
            Err(error) => {
                tracing::warn!(%error, "NATS cannot be asked");
                return false;
            }
        }
    }
}
