//! What is told to whom as it happens.
//!
//! The store is the truth and an event only wakes: it is published after the commit, it may be
//! lost or come twice, and whoever missed one reads the store.

mod broker;
mod event;
mod presence;
mod service;

#[cfg(test)]
pub use broker::MockBroker;
pub use broker::{Broker, Events, Lagged};
pub use event::{Event, What};
pub use presence::Presence;
pub use service::{Live, Missed};
