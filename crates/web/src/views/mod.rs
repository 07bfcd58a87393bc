//! HTML as plain functions of what is shown: no I/O, no state, no clock of their own. The same
//! function draws a thing wherever it appears.

mod avatar;
pub(crate) mod composer;
pub(crate) mod conversation;
pub(crate) mod error;
pub(crate) mod inbox;
pub(crate) mod layout;
pub(crate) mod live;
pub(crate) mod login;
pub(crate) mod message;
mod room;
pub(crate) mod settings;
mod shortcuts;
#[cfg(test)]
pub(crate) mod testing;
mod text;
pub(crate) mod time;
pub(crate) mod users;
