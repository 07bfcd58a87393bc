use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use domain::live::{Event, Events, Live, Missed, What};
use domain::messages::MessageId;
use domain::sessions::{Authenticated, SessionToken};
use domain::users::User;
use domain::{StoreError, Timestamp};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Place;
use crate::{App, Services};

/// What a stream tells its client.
#[derive(Debug)]
pub(crate) enum Told {
    /// Something happened.
    Event(Arc<Event>),
    /// Nothing did, and the connection lives.
    Beat,
    /// Too much was missed: load anew.
    Reload,
    /// The session has ended; nothing follows.
    SessionEnded,
    /// The server stops; come back. Nothing follows.
    Restart,
}

/// Who follows, with which session, and from where on.
pub(crate) struct Following {
    pub(crate) authenticated: Authenticated,
    pub(crate) token: SessionToken,
    /// The time up to which the client has seen everything; `None` begins now.
    pub(crate) cursor: Option<Timestamp>,
    /// Kept as long as the stream is open.
    pub(crate) _place: Place,
}

/// One thing that is told, and what belongs to telling it.
pub(crate) struct Telling {
    /// From where a client goes on that heard this and nothing after it.
    pub(crate) id: Timestamp,
    /// Who is told, as they were at the last look.
    pub(crate) viewer: User,
    /// What.
    pub(crate) told: Told,
}

/// Everything that happens to this user.
///
/// # Errors
/// [`StoreError`] when what was missed cannot be read; nothing is told then.
pub(crate) async fn follow(
    app: App,
    following: Following,
) -> Result<impl Stream<Item = Telling>, StoreError> {
    let user = following.authenticated.user.id;
    let now = app.clock.now();
    let cursor = following.cursor.unwrap_or(now);
    // Given by a clock that has gone back since, it says nothing about what was stored meanwhile.
    let is_of_the_future = cursor.since(now) > Live::OVERLAP;
    let mut state = State {
        events: app.live.subscribe(user).await,
        beats: app.streams.beats(),
        ended: app.streams.ended(),
        told: Recent::default(),
        waiting: VecDeque::from([Told::Beat]),
        is_over: false,
        told_up_to: cursor,
        read_up_to: cursor,
        following,
        app,
    };
    state.beats.mark_unchanged();
    state
        .app
        .presence
        .stay(&state.following.authenticated.user)
        .await?;
    if is_of_the_future {
        state.waiting.push_back(Told::Reload);
        state.read_up_to = now;
    } else {
        state.tell_missed().await?;
    }
    Ok(stream::unfold(state, |mut state| async move {
        let told = state.next().await?;
        let telling = Telling {
            id: state.told_up_to,
            viewer: state.following.authenticated.user.clone(),
            told,
        };
        Some((telling, state))
    }))
}

struct State {
    app: App,
    following: Following,
    events: Events,
    beats: watch::Receiver<u64>,
    ended: CancellationToken,
    told: Recent,
    waiting: VecDeque<Told>,
    is_over: bool,
    /// The store was read up to this time: what was found was told, or waits to be.
    read_up_to: Timestamp,
    /// Everything up to this time has been told. It is what a client comes back with, whose
    /// connection may break at any event: so it moves only when nothing waits.
    told_up_to: Timestamp,
}

impl State {
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.waiting.pop_front() {
                return Some(told);
            }
            if self.is_over {
                return None;
            }
            self.told_up_to = self.read_up_to;
            // What follows takes five times the room that waiting does, and a stream waits nearly
            // always: it is held only while it goes on.
            tokio::select! {
                event = self.events.next() => match event {
                    Some(Ok(event)) => Box::pin(self.take(event)).await,
                    Some(Err(_lagged)) => Box::pin(self.catch_up()).await,
                    None => Box::pin(self.catch_up()).await,
                },
                beat = self.beats.changed() => match beat {
                    Ok(()) => Box::pin(self.beat()).await,
                    Err(_no_timer) => self.end(Told::Restart),
                },
                () = self.ended.cancelled() => self.end(Told::Restart),
            }
        }
    }

    async fn take(&mut self, event: Arc<Event>) {
        match &*event {
            Event::SignedOut { session, .. } => {
                if *session == self.following.authenticated.session {
                    self.end(Told::SessionEnded);
                }
            }
            Event::SignedOutEverywhere { .. } => self.look_at_session().await,
            Event::Absent { .. } => {
                let user = &self.following.authenticated.user;
                if let Err(error) = self.app.presence.be_here(user).await {
                    self.give_up(&error);
                }
            }
            Event::Between { what, .. } => {
                let is_news = match what {
                    What::Message(message) => self.told.is_news(message.id),
                    What::Reached(..) | What::Presence | What::Typing => true,
                };
                if is_news {
                    self.waiting.push_back(Told::Event(event));
                }
            }
        }
    }

    /// The broker has cut this stream off: listens again, then reads what it has not heard.
    async fn catch_up(&mut self) {
        self.app.streams.counted().caught_up.increment();
        self.events = self
            .app
            .live
            .subscribe(self.following.authenticated.user.id)
            .await;
        self.look().await;
    }

    /// A sign of life, and at every second one a look whether anything is amiss.
    async fn beat(&mut self) {
        self.waiting.push_back(Told::Beat);
        if self.beats.borrow_and_update().is_multiple_of(2) {
            self.look().await;
        }
    }

    /// Whatever may have been lost on its way: the end of the session, and messages.
    async fn look(&mut self) {
        self.look_at_session().await;
        if !self.is_over
            && let Err(error) = self.tell_missed().await
        {
            self.give_up(&error);
        }
    }

    /// Ends if the session has, and writes down that it and its user are here.
    async fn look_at_session(&mut self) {
        let Services {
            sessions, presence, ..
        } = &*self.app;
        let looked = async {
            let Some(authenticated) = sessions.authenticate(&self.following.token).await? else {
                return Ok(None);
            };
            if authenticated.touch_due {
                sessions.touch(&authenticated).await?;
            }
            presence.stay(&authenticated.user).await?;
            Ok::<_, StoreError>(Some(authenticated))
        };
        match looked.await {
            // The user may have another name by now, or show less of what they read.
            Ok(Some(authenticated)) => self.following.authenticated = authenticated,
            Ok(None) => self.end(Told::SessionEnded),
            Err(error) => self.give_up(&error),
        }
    }

    async fn tell_missed(&mut self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let user = &self.following.authenticated.user;
        let told = &self.told.ids;
        match self.app.live.missed(user, self.read_up_to, told).await? {
            Missed::Events(events) => {
                let found = u64::try_from(events.len()).unwrap_or(u64::MAX);
                self.app.streams.counted().replayed.add(found);
                for event in events {
                    self.take(Arc::new(event)).await;
                }
            }
            Missed::TooMuch => {
                self.app.streams.counted().reloads.increment();
                self.waiting.push_back(Told::Reload);
            }
        }
        self.read_up_to = now;
        Ok(())
    }

    /// The store is away. The client comes back with its cursor, and misses nothing.
    fn give_up(&mut self, error: &StoreError) {
        self.app.streams.counted().given_up.increment();
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "a stream could not look into the store"
        );
        self.end(Told::Restart);
    }

    fn end(&mut self, last: Told) {
        self.waiting.push_back(last);
        self.is_over = true;
    }
}

/// The messages told last, so that a look into the store does not tell them again.
#[derive(Debug, Default)]
struct Recent {
    ids: HashSet<MessageId>,
    order: VecDeque<MessageId>,
}

impl Recent {
    /// A look reads what was stored in the last minute and a half: as long as a user is told less
    /// than forty messages a second, none of those is told again.
    const MOST: usize = 4_000;

    fn is_news(&mut self, id: MessageId) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > Self::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_messages_told_last_are_known_and_older_ones_forgotten() {
        let id = |n: usize| MessageId(Uuid::from_u128(n as u128));
        let mut recent = Recent::default();
        assert!(recent.is_news(id(0)));
        assert!(!recent.is_news(id(0)));
        for n in 1..=Recent::MOST {
            assert!(recent.is_news(id(n)));
        }
        assert!(recent.is_news(id(0)));
        assert_eq!(recent.ids.len(), recent.order.len());
    }
}
