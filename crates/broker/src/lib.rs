//! Who is told what: adapters of [`domain::live::Broker`].
//!
//! [`InProcess`] serves a single node, [`Nats`] several: it tells the subscribers of its own node
//! at once and those of other nodes over a NATS server. Every subscriber has a bounded mailbox of
//! its own; an event is put into the mailboxes of its audience and of nobody else, whoever else is
//! connected.
//!
//! # What never happens here
//! A publisher never waits, neither for a subscriber nor for the network, and nothing is done for
//! an event on its own node but to hand on the one copy of it. A subscriber never misses an event
//! without being told: who falls behind is cut off, and so is everybody to whom something may have
//! been lost on the way. Nothing is kept for a user without a subscriber, and nothing is stored at
//! all.
//!
//! # To add an adapter
//! Keep the promises of the port, and add a module of it to `tests/contract.rs`, which holds them
//! as tests for every adapter.

mod figures;
mod in_process;
mod mailbox;
mod nats;
mod subscribers;

pub use figures::Figures;
pub use in_process::InProcess;
pub use nats::{Nats, NatsError};
