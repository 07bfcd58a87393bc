//! HTTP/1.1 by hand, for the load's side of the socket.
//!
//! The load shares the cores with the server that is measured, so each cycle it saves is one less
//! in the figures: a connection here is a socket and one buffer, with no task, no header map and
//! no body type between them. What never happens here: retries, redirects, or anything that hides
//! what the server did.

mod chunked;
mod connection;
mod event_stream;
mod head;
mod pool;
mod request;

pub(super) use self::connection::{Answer, Connection};
pub(super) use self::event_stream::EventStream;
pub(super) use self::pool::Pool;
pub(super) use self::request::{Request, encoded};
