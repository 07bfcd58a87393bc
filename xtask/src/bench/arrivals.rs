use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use super::http::EventStream;
use super::stored::{Message, text_of};

/// What the open streams of everybody have been told so far.
#[derive(Clone, Default)]
pub(super) struct Arrivals {
    /// By message and by whose stream it was, a place in the list of people.
    seen: Arc<Mutex<HashMap<(Uuid, usize), Arrival>>>,
}

/// The streams that are read. They are closed when this is dropped.
#[derive(Default)]
pub(super) struct Listening(JoinSet<anyhow::Error>);

/// A message on one stream.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    /// The first time.
    pub(super) at: Instant,
    /// How often it was told: once at least is what is promised.
    pub(super) times: u32,
}

#[derive(Deserialize)]
struct Told {
    message: Message,
}

impl Arrivals {
    /// Reads all these streams, one of each person, for as long as the set lives.
    pub(super) fn listen(&self, streams: Vec<EventStream>, listening: &mut Listening) {
        for (person, stream) in streams.into_iter().enumerate() {
            let arrivals = self.clone();
            listening.0.spawn(async move {
                let Err(error) = arrivals.follow(person, stream).await;
                error.context(format!("the stream of person {person}"))
            });
        }
    }

    /// Waits until so many have arrived in all, each counted once.
    pub(super) async fn wait_for(&self, how_many: usize, patience: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let seen = self.seen().len();
            if seen >= how_many {
                return Ok(());
            }
            let missing = how_many - seen;
            ensure!(Instant::now() < deadline, "{missing} events did not arrive");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Everything, which is forgotten here.
    pub(super) fn take(&self) -> HashMap<(Uuid, usize), Arrival> {
        std::mem::take(&mut self.seen())
    }

    async fn follow(&self, person: usize, mut stream: EventStream) -> anyhow::Result<Infallible> {
        loop {
            let event = stream.next().await?;
            let at = Instant::now();
            match event.name.as_str() {
                "message" => self.note(person, at, &event.data)?,
                "ping" | "read" | "delivered" | "presence" => {}
                other => bail!("it was told {other:?}"),
            }
        }
    }

    fn note(&self, person: usize, at: Instant, data: &str) -> anyhow::Result<()> {
        let Told { message } = serde_json::from_str(data).context("not a message event")?;
        let is_as_sent = message.body == text_of(message.client_id);
        ensure!(is_as_sent, "another text than was sent: {}", message.body);
        let mut seen = self.seen();
        let arrival = seen.entry((message.client_id, person));
        arrival.or_insert(Arrival { at, times: 0 }).times += 1;
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<(Uuid, usize), Arrival>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listening {
    /// # Errors
    /// When one of the streams has ended or told what it should not.
    pub(super) fn all_is_well(&mut self) -> anyhow::Result<()> {
        self.0.try_join_next().map_or(Ok(()), |ended| Err(ended?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(client_id: Uuid, body: &str) -> String {
        let message = serde_json::json!(
            {"id": Uuid::from_u128(9), "client_id": client_id, "seq": 1, "sender": "a", "body": body}
        );
        serde_json::json!({"with": "a", "message": message}).to_string()
    }

    #[tokio::test]
    async fn a_message_that_is_told_twice_has_arrived_once_at_the_first_time() {
        let (arrivals, id) = (Arrivals::default(), Uuid::from_u128(1));
        let (first, told) = (Instant::now(), data(id, &text_of(id)));
        arrivals.note(3, first, &told).unwrap();
        arrivals
            .note(3, first + Duration::from_secs(1), &told)
            .unwrap();
        arrivals.wait_for(1, Duration::ZERO).await.unwrap();
        assert!(arrivals.wait_for(2, Duration::ZERO).await.is_err());
        let seen = arrivals.take();
        let arrival = seen[&(id, 3)];
        assert_eq!((arrival.at, arrival.times), (first, 2));
    }

    #[test]
    fn another_text_than_was_sent_is_an_error() {
        let told = data(Uuid::from_u128(1), &text_of(Uuid::from_u128(2)));
        assert!(Arrivals::default().note(0, Instant::now(), &told).is_err());
    }
}
