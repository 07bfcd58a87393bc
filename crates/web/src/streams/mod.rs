//! Streams of what happens, shared by the pages' `/events` and the API's.
//!
//! A stream subscribes first, then tells what was missed since its cursor, then what happens.
//! Nothing falls between; something may be told twice, and is known by its id. Every half minute
//! it looks into the store for messages that the broker may have lost, and asks whether its
//! session still lives.

mod cursor;
mod figures;
mod follow;
mod frame;
mod registry;

pub(crate) use cursor::cursor;
pub use figures::StreamFigures;
pub(crate) use follow::{Following, Telling, Told, follow};
pub(crate) use frame::{Frame, body};
pub(crate) use registry::Place;
pub use registry::Streams;
