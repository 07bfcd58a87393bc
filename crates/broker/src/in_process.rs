use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use domain::live::{Broker, Event, Events, Lagged};
use domain::users::UserId;
use futures_core::Stream;

use crate::mailbox::{Mailbox, Put};

/// Tells the subscribers of this process. Clones are the same broker.
#[derive(Clone, Debug, Default)]
pub struct InProcess {
    subscribers: Arc<Subscribers>,
}

impl InProcess {
    /// Without subscribers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Broker for InProcess {
    async fn publish(&self, event: Event) {
        let [one, other] = event.audience();
        let event = Arc::new(event);
        self.subscribers.tell(one, &event);
        if other != one {
            self.subscribers.tell(other, &event);
        }
    }

    async fn subscribe(&self, user: UserId) -> Events {
        Box::pin(self.subscribers.add(user))
    }
}

/// The mailboxes of everybody connected: only of those who are, and only open ones.
#[derive(Debug, Default)]
struct Subscribers {
    mailboxes: Mutex<HashMap<UserId, Vec<Arc<Mailbox>>>>,
}

impl Subscribers {
    fn add(self: &Arc<Self>, user: UserId) -> Subscription {
        let mailbox = Arc::new(Mailbox::default());
        self.lock()
            .entry(user)
            .or_default()
            .push(Arc::clone(&mailbox));
        Subscription {
            user,
            mailbox,
            subscribers: Arc::clone(self),
        }
    }

    /// Puts an event into every mailbox of `user` and lets go of those that were full.
    fn tell(&self, user: UserId, event: &Arc<Event>) {
        let mut readers = Vec::new();
        let mut cut_off = 0_u32;
        self.retain(user, |mailbox| match mailbox.put(Arc::clone(event)) {
            Put::Queued(reader) => {
                readers.extend(reader);
                true
            }
            Put::CutOff(reader) => {
                readers.extend(reader);
                cut_off += 1;
                false
            }
        });
        // Waking can run foreign code, which may drop a subscription: not under the lock.
        for reader in readers {
            reader.wake();
        }
        if cut_off > 0 {
            tracing::debug!(user = %user.0, cut_off, "subscribers were too slow and are cut off");
        }
    }

    fn remove(&self, user: UserId, mailbox: &Arc<Mailbox>) {
        self.retain(user, |other| !Arc::ptr_eq(other, mailbox));
    }

    fn retain(&self, user: UserId, keep: impl FnMut(&Arc<Mailbox>) -> bool) {
        let mut mailboxes = self.lock();
        if let Some(of_user) = mailboxes.get_mut(&user) {
            of_user.retain(keep);
            if of_user.is_empty() {
                mailboxes.remove(&user);
            }
        }
    }

    /// Every change of the map is made whole, so one after a panic is as good as before it.
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Vec<Arc<Mailbox>>>> {
        self.mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One subscriber's events. Dropping it unsubscribes.
#[derive(Debug)]
struct Subscription {
    user: UserId,
    mailbox: Arc<Mailbox>,
    subscribers: Arc<Subscribers>,
}

impl Stream for Subscription {
    type Item = Result<Arc<Event>, Lagged>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.mailbox.poll_take(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.subscribers.remove(self.user, &self.mailbox);
    }
}

#[cfg(test)]
mod tests {
    use domain::conversations::Seq;
    use futures_util::StreamExt;
    use uuid::Uuid;

    use super::*;

    const MARY: UserId = UserId(Uuid::from_u128(1));
    const DAVID: UserId = UserId(Uuid::from_u128(2));

    fn read() -> Event {
        Event::Read {
            reader: MARY,
            peer: DAVID,
            seq: Seq::ZERO,
        }
    }

    #[tokio::test]
    async fn nothing_is_kept_for_who_has_left() {
        let broker = InProcess::new();
        let first = broker.subscribe(MARY).await;
        let second = broker.subscribe(MARY).await;
        drop(first);
        assert_eq!(broker.subscribers.lock()[&MARY].len(), 1);
        drop(second);
        assert!(broker.subscribers.lock().is_empty());
        broker.publish(read()).await;
        assert!(broker.subscribers.lock().is_empty());
    }

    #[tokio::test]
    async fn who_was_cut_off_is_let_go_at_once() {
        let broker = InProcess::new();
        let mut slow = broker.subscribe(MARY).await;
        for _ in 0..=Mailbox::CAPACITY {
            broker.publish(read()).await;
        }
        assert!(broker.subscribers.lock().is_empty());
        let mut queued = 0;
        while let Some(Ok(_)) = slow.next().await {
            queued += 1;
        }
        assert_eq!(queued, Mailbox::CAPACITY);
    }

    #[tokio::test]
    async fn every_subscriber_is_handed_the_same_copy() {
        let broker = InProcess::new();
        let mut of_mary = broker.subscribe(MARY).await;
        let mut of_david = broker.subscribe(DAVID).await;
        broker.publish(read()).await;
        let (a, b) = (of_mary.next().await, of_david.next().await);
        assert!(Arc::ptr_eq(&a.unwrap().unwrap(), &b.unwrap().unwrap()));
    }
}
