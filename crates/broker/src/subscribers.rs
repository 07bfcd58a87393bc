//! Who is connected to this node, and how they are told.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use domain::Counter;
use domain::live::{Event, Lagged};
use domain::users::UserId;
use futures_core::Stream;

use crate::Figures;
use crate::mailbox::{Mailbox, Put};

/// The mailboxes of everybody connected: only of those who are, and only open ones. With those of
/// a user goes an `L`, which is held for as long as there is one.
#[derive(Debug)]
pub(crate) struct Subscribers<L> {
    of_users: Mutex<HashMap<UserId, OfUser<L>>>,
    too_slow: Counter,
    gaps: Counter,
}

#[derive(Debug)]
struct OfUser<L> {
    mailboxes: Vec<Arc<Mailbox>>,
    line: L,
}

impl<L> Default for Subscribers<L> {
    fn default() -> Self {
        Self {
            of_users: Mutex::default(),
            too_slow: Counter::default(),
            gaps: Counter::default(),
        }
    }
}

impl<L: Clone> Subscribers<L> {
    /// A subscription, and what is held for the user; it is made for the first one.
    pub(crate) fn add(
        self: &Arc<Self>,
        user: UserId,
        line: impl FnOnce() -> L,
    ) -> (Subscription<L>, L) {
        let mailbox = Arc::new(Mailbox::default());
        let line = match self.lock().entry(user) {
            Entry::Occupied(mut of_user) => {
                of_user.get_mut().mailboxes.push(Arc::clone(&mailbox));
                of_user.get().line.clone()
            }
            Entry::Vacant(place) => {
                let mailboxes = vec![Arc::clone(&mailbox)];
                place
                    .insert(OfUser {
                        mailboxes,
                        line: line(),
                    })
                    .line
                    .clone()
            }
        };
        let subscribers = Arc::clone(self);
        (
            Subscription {
                user,
                mailbox,
                subscribers,
            },
            line,
        )
    }
}

impl<L> Subscribers<L> {
    /// Puts an event into every mailbox of its audience.
    pub(crate) fn tell_audience(&self, event: &Arc<Event>) {
        for user in audience(event) {
            self.tell(user, event);
        }
    }

    /// Puts an event into every mailbox of `user` and lets go of those that were full.
    pub(crate) fn tell(&self, user: UserId, event: &Arc<Event>) {
        let mut readers = Vec::new();
        let mut cut_off = 0_u64;
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
            self.too_slow.add(cut_off);
            tracing::debug!(user = %user.0, cut_off, "subscribers were too slow and are cut off");
        }
    }

    /// Cuts off the subscribers of `user`: something may have been lost to them.
    pub(crate) fn cut_off(&self, user: UserId) {
        let gone = self.lock().remove(&user);
        self.close(gone);
    }

    /// Cuts off everybody.
    pub(crate) fn cut_off_all(&self) {
        let gone = std::mem::take(&mut *self.lock());
        self.close(gone.into_values());
    }

    /// Who is told, and to whom events were lost.
    pub(crate) fn figures(&self) -> Figures {
        let of_users = self.lock();
        let mailboxes = || of_users.values().flat_map(|of_user| &of_user.mailboxes);
        Figures {
            subscribers: mailboxes().count(),
            longest_queue: mailboxes().map(|mailbox| mailbox.len()).max().unwrap_or(0),
            too_slow: self.too_slow.get(),
            gaps: self.gaps.get(),
        }
    }

    fn close(&self, gone: impl IntoIterator<Item = OfUser<L>>) {
        for mailbox in gone.into_iter().flat_map(|of_user| of_user.mailboxes) {
            self.gaps.increment();
            if let Some(reader) = mailbox.cut_off() {
                reader.wake();
            }
        }
    }

    fn remove(&self, user: UserId, mailbox: &Arc<Mailbox>) {
        self.retain(user, |other| !Arc::ptr_eq(other, mailbox));
    }

    fn retain(&self, user: UserId, keep: impl FnMut(&Arc<Mailbox>) -> bool) {
        let mut of_users = self.lock();
        if let Some(of_user) = of_users.get_mut(&user) {
            of_user.mailboxes.retain(keep);
            if of_user.mailboxes.is_empty() {
                of_users.remove(&user);
            }
        }
    }

    /// Every change of the map is made whole, so one after a panic is as good as before it.
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, OfUser<L>>> {
        self.of_users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The users who are told, each once.
pub(crate) fn audience(event: &Event) -> impl Iterator<Item = UserId> + use<> {
    let [one, other] = event.audience();
    std::iter::once(one).chain((other != one).then_some(other))
}

/// One subscriber's events. Dropping it unsubscribes.
#[derive(Debug)]
pub(crate) struct Subscription<L> {
    user: UserId,
    mailbox: Arc<Mailbox>,
    subscribers: Arc<Subscribers<L>>,
}

impl<L> Stream for Subscription<L> {
    type Item = Result<Arc<Event>, Lagged>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.mailbox.poll_take(context)
    }
}

impl<L> Drop for Subscription<L> {
    fn drop(&mut self) {
        self.subscribers.remove(self.user, &self.mailbox);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use uuid::Uuid;

    use domain::sessions::SessionId;

    use super::*;

    const MARY: UserId = UserId(Uuid::from_u128(1));
    const DAVID: UserId = UserId(Uuid::from_u128(2));

    fn event() -> Arc<Event> {
        Arc::new(Event::SignedOut {
            user: MARY,
            session: SessionId(Uuid::nil()),
        })
    }

    type Held = Arc<()>;

    #[test]
    fn nothing_is_kept_for_who_has_left() {
        let subscribers = Arc::new(Subscribers::<Held>::default());
        let (first, held) = subscribers.add(MARY, Held::default);
        let (second, same) = subscribers.add(MARY, Held::default);
        assert!(Arc::ptr_eq(&held, &same));
        drop((first, same));
        assert_eq!(subscribers.lock()[&MARY].mailboxes.len(), 1);
        assert_eq!(Arc::strong_count(&held), 2);
        drop(second);
        assert!(subscribers.lock().is_empty());
        assert_eq!(Arc::strong_count(&held), 1);
        subscribers.tell(MARY, &event());
        assert!(subscribers.lock().is_empty());
    }

    #[tokio::test]
    async fn who_was_too_slow_is_let_go_at_once() {
        let subscribers = Arc::new(Subscribers::<()>::default());
        let (mut slow, ()) = subscribers.add(MARY, || ());
        for _ in 0..=Mailbox::CAPACITY {
            subscribers.tell(MARY, &event());
        }
        assert!(subscribers.lock().is_empty());
        assert_eq!(subscribers.figures().too_slow, 1);
        let mut queued = 0;
        while let Some(Ok(_)) = slow.next().await {
            queued += 1;
        }
        assert_eq!(queued, Mailbox::CAPACITY);
    }

    #[tokio::test]
    async fn who_is_cut_off_gets_what_waits_and_is_told() {
        let subscribers = Arc::new(Subscribers::<()>::default());
        let (mut of_mary, ()) = subscribers.add(MARY, || ());
        let (mut of_david, ()) = subscribers.add(DAVID, || ());
        subscribers.tell(MARY, &event());
        let before = subscribers.figures();
        assert_eq!((before.subscribers, before.longest_queue), (2, 1));
        subscribers.cut_off(MARY);
        subscribers.tell(MARY, &event());
        assert_eq!(of_mary.next().await, Some(Ok(event())));
        assert_eq!(of_mary.next().await, Some(Err(Lagged)));
        assert_eq!(of_mary.next().await, None);
        assert!(subscribers.lock().contains_key(&DAVID));
        subscribers.cut_off_all();
        assert_eq!(of_david.next().await, Some(Err(Lagged)));
        let nobody_is_left = Figures {
            subscribers: 0,
            longest_queue: 0,
            too_slow: 0,
            gaps: 2,
        };
        assert_eq!(subscribers.figures(), nobody_is_left);
        assert!(subscribers.lock().is_empty());
    }

    #[tokio::test]
    async fn every_subscriber_is_handed_the_same_copy() {
        let subscribers = Arc::new(Subscribers::<()>::default());
        let (mut first, ()) = subscribers.add(MARY, || ());
        let (mut second, ()) = subscribers.add(MARY, || ());
        let event = event();
        subscribers.tell(MARY, &event);
        for subscription in [&mut first, &mut second] {
            let told = subscription.next().await.unwrap().unwrap();
            assert!(Arc::ptr_eq(&told, &event));
        }
    }
}
