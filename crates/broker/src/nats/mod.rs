//! Several nodes around a NATS server.
//!
//! Each user has a subject, and a node listens to those of the users who are connected to it. A
//! node is not sent what it has published itself: its own subscribers are told at once, also while
//! NATS is away.
//!
//! NATS promises to deliver at most once. Whatever may be lost is made up for by cutting off who
//! may have missed it, so that they read the store: a node whose connection was lost cuts off all
//! its subscribers when it is back, and tells the other nodes of the gap, who do the same, since
//! what it published in the meantime did not reach them.

mod line;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions};
use async_trait::async_trait;
use domain::live::{Broker, Event, Events};
use domain::users::UserId;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::unconstrained;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use self::line::Line;
use crate::Figures;
use crate::subscribers::{Subscribers, audience};

/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection on which nothing comes is asked this often; unanswered three times, it is dead.
const PING_EVERY: Duration = Duration::from_secs(5);
/// The longest pause between two attempts to connect again.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// How much may wait to be sent: some seconds of a busy node, while a connection is dying.
const OUTBOX: usize = 16_384;
/// Where a node says that events of its may have been lost.
const GAPS: &str = "jbl.gaps";

/// Tells the subscribers of this node and, over NATS, of others. Clones are the same broker.
#[derive(Clone, Debug)]
pub struct Nats {
    client: Client,
    subscribers: Arc<Subscribers<Line>>,
    /// Something was not sent, of which the other nodes must be told.
    gap: Arc<Notify>,
    _watch: Arc<AbortOnDropHandle<()>>,
}

/// The NATS server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// It refused the connection or could not be found.
    #[error("NATS cannot be reached")]
    Connect(#[from] async_nats::ConnectError),
    /// It accepted no subscription.
    #[error("NATS takes no subscription")]
    Subscribe(#[from] async_nats::SubscribeError),
    /// It has not answered.
    #[error("NATS does not answer within {} s", CONNECT_TIMEOUT.as_secs())]
    Silent,
}

impl Nats {
    /// Connects to the server at `nats://HOST:PORT`, with `USER:PASSWORD@` before the host where
    /// it asks for them. Once connected, it connects again by itself whenever it has to.
    ///
    /// # Errors
    /// [`NatsError`] when the server cannot be used now.
    pub async fn connect(url: &str) -> Result<Self, NatsError> {
        let (news, connection) = mpsc::unbounded_channel();
        let connecting = ConnectOptions::new()
            .name("jbl-chat")
            .no_echo()
            .ping_interval(PING_EVERY)
            .client_capacity(OUTBOX)
            .reconnect_delay_callback(pause)
            .event_callback(move |event| {
                // Whoever watched is gone with the broker itself.
                let _ = news.send(event);
                std::future::ready(())
            })
            .connect(url);
        let client = timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_elapsed| NatsError::Silent)??;
        let gaps = client.subscribe(GAPS).await?;
        let subscribers = Arc::default();
        let gap = Arc::new(Notify::new());
        let watch = Watch {
            client: client.clone(),
            subscribers: Arc::clone(&subscribers),
            gap: Arc::clone(&gap),
        };
        Ok(Self {
            client,
            subscribers,
            gap,
            _watch: Arc::new(AbortOnDropHandle::new(tokio::spawn(
                watch.run(connection, gaps),
            ))),
        })
    }

    /// Whether there is a connection now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Who is told on this node.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.subscribers.figures()
    }

    /// Puts it where it waits to be sent; false when there is no room.
    fn send(&self, subject: String, payload: Vec<u8>) -> bool {
        // Where there is room it is done at the first poll; a task's budget must not say otherwise.
        match unconstrained(self.client.publish(subject, payload.into())).now_or_never() {
            Some(Ok(())) => true,
            Some(Err(error)) => {
                tracing::warn!(%error, "an event could not be sent to other nodes");
                false
            }
            None => false,
        }
    }
}

#[async_trait]
impl Broker for Nats {
    async fn publish(&self, event: Event) {
        let event = Arc::new(event);
        self.subscribers.tell_audience(&event);
        // Of what is not sent now, the others are told when the connection is back.
        if !self.is_connected() {
            return;
        }
        let payload = wire::encode(&event);
        for user in audience(&event) {
            if !self.send(subject(user), payload.clone()) {
                self.gap.notify_one();
            }
        }
    }

    async fn subscribe(&self, user: UserId) -> Events {
        let (subscription, line) = self.subscribers.add(user, || {
            Line::open(self.client.clone(), Arc::clone(&self.subscribers), user)
        });
        if self.is_connected() {
            line.wait_for(Line::PATIENCE).await;
        } else {
            line.wait_for(Duration::ZERO).await;
        }
        Box::pin(subscription)
    }
}

/// Where the events of a user are told.
fn subject(user: UserId) -> String {
    format!("jbl.user.{}", user.0.simple())
}

fn pause(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).min(10);
    Duration::from_millis(2_u64.pow(doublings)).min(RETRY_EVERY)
}

/// Cuts off everybody when something may have been lost, here or on other nodes.
struct Watch {
    client: Client,
    subscribers: Arc<Subscribers<Line>>,
    gap: Arc<Notify>,
}

impl Watch {
    async fn run(
        self,
        mut connection: UnboundedReceiver<async_nats::Event>,
        mut gaps: async_nats::Subscriber,
    ) {
        let mut was_away = false;
        loop {
            tokio::select! {
                event = connection.recv() => match event {
                    None => return,
                    Some(async_nats::Event::Disconnected) => {
                        was_away = true;
                        tracing::warn!("NATS is away: other nodes are told nothing until it is back");
                    }
                    // The first one tells of the connection that we were given.
                    Some(async_nats::Event::Connected) if was_away => {
                        was_away = false;
                        tracing::info!("NATS is back");
                        self.subscribers.cut_off_all();
                        self.tell_of_gap().await;
                    }
                    Some(async_nats::Event::SlowConsumer(_)) => {
                        tracing::warn!("this node was too slow for NATS and has lost events");
                        self.subscribers.cut_off_all();
                    }
                    Some(async_nats::Event::ServerError(error)) => {
                        tracing::warn!(%error, "NATS has refused something");
                    }
                    Some(event) => tracing::debug!(%event, "NATS"),
                },
                gap = gaps.next() => {
                    if gap.is_none() {
                        return;
                    }
                    tracing::info!("another node may have lost events on their way here");
                    self.subscribers.cut_off_all();
                }
                () = self.gap.notified() => {
                    tracing::warn!("events are lost to other nodes: NATS takes them too slowly");
                    self.tell_of_gap().await;
                }
            }
        }
    }

    /// Makes the other nodes cut off their subscribers, as soon as there is room to say so.
    async fn tell_of_gap(&self) {
        if let Err(error) = self.client.publish(GAPS, Vec::new().into()).await {
            tracing::warn!(%error, "other nodes could not be told of a gap");
        }
    }
}
