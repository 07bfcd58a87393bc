//! What pages and API take out of a request alike: who asks, from where, and with which client.

mod address;
mod client;
mod cookie;
mod cursor;
mod form;
mod patience;
mod reader;
mod theme;
mod viewer;

pub use address::ClientAddress;
pub use client::{Client, Fragment};
pub use cookie::SessionCookie;
pub use cursor::{Cursor, CursorError};
pub(crate) use form::Form;
pub(crate) use patience::{TooSlow, arrived};
pub use reader::{Looks, Reader};
pub use theme::Theme;
pub use viewer::{ActiveSession, NoViewer, Viewer};
