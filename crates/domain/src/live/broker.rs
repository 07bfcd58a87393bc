use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures_core::Stream;

use super::Event;
use crate::users::UserId;

/// The subscriber was too slow and was cut off: events were lost to it. It subscribes again and
/// reads from the store what it missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the subscriber was too slow and was cut off")]
pub struct Lagged;

/// The events of one user. After [`Lagged`] it ends.
pub type Events = Pin<Box<dyn Stream<Item = Result<Arc<Event>, Lagged>> + Send>>;

/// Port: tells everybody concerned.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Broker: Send + Sync {
    /// Tells every subscriber of the event's audience, and nobody else, in the order published
    /// by one publisher. It waits for no subscriber and does not fail: what cannot be told is
    /// logged, and healed by reading the store.
    async fn publish(&self, event: Event);

    /// Every event published for `user` from the return of this call on, until it is dropped.
    /// A subscriber that falls behind a bounded queue is cut off, never silently skipped.
    async fn subscribe(&self, user: UserId) -> Events;
}
