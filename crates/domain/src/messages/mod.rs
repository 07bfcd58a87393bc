//! Messages: what may be said, how it is stored once and in one order, and how it is read back.

mod body;
mod client_id;
mod history;
mod message;
mod repository;
mod service;
mod tally;

pub use body::{MessageBody, MessageBodyError};
pub use client_id::{ClientId, ClientIdError};
pub use history::{History, HistoryRange};
pub use message::{Message, MessageId};
#[cfg(test)]
pub use repository::MockMessageRepository;
pub use repository::{Appended, MessageRepository, NewMessage, Recipient, Surroundings};
pub use service::{Messages, Send, SendError, Sent};
pub use tally::SendTally;
