//! Who is told what: adapters of [`domain::live::Broker`].
//!
//! [`InProcess`] serves a single node. Every subscriber has a bounded mailbox of its own; an
//! event is put into the mailboxes of its audience and of nobody else, whoever else is connected.
//!
//! # What never happens here
//! A publisher never waits for a subscriber, and nothing is done for an event but to hand on the
//! one copy of it. A subscriber never misses an event without being told: who falls behind is cut
//! off. Nothing is kept for a user without a subscriber, and nothing is stored at all.
//!
//! # To add an adapter
//! Keep the promises of the port, and add a line to `brokers` in `tests/contract.rs`, which holds
//! them as tests for every adapter.

mod in_process;
mod mailbox;

pub use in_process::InProcess;
