//! The rules of jbl-chat: users, sessions, conversations, messages, and what is told live.
//!
//! Values that have a rule are parsed once into their own type ([`users::Username`],
//! [`messages::MessageBody`], …) and not checked again. What must be kept or told is a *port*, a
//! trait whose documentation is a promise ([`messages::MessageRepository`], [`live::Broker`], …);
//! adapters in the other crates keep it. Services ([`messages::Messages`], [`sessions::Sessions`],
//! …) hold the rules of one feature and call the ports.
//!
//! # What never happens here
//! No I/O, no SQL, no HTTP, no HTML, no JSON, no runtime: nothing in this crate knows axum,
//! sea-orm, maud, tokio or serde. `cargo xtask arch` refuses such a dependency.
//!
//! # To add a use case
//! Name its values and its error enum, write what it must be able to ask of a port into that
//! port's trait with its promise, put the rule into the feature's service with a mocked test for
//! each branch; then the adapter's contract test, then a handler.

mod clock;
pub mod conversations;
mod error;
mod figures;
mod ids;
mod limits;
pub mod live;
pub mod messages;
mod page;
pub mod sessions;
pub mod users;

pub use clock::{Clock, SteadyClock, SystemClock, Timestamp, TimestampError};
pub use error::StoreError;
pub use figures::{Counter, Distributed, Distribution};
pub use ids::{Ids, RandomIds};
#[cfg(test)]
pub use limits::{MockSendLimit, MockSignInLimit};
pub use limits::{RetryAfter, SendLimit, SignInLimit};
pub use page::{HistoryLimit, Limit, LimitError, ListLimit, Page};

#[cfg(test)]
mod testing;
