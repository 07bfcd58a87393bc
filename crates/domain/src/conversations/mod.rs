//! What two people have written to each other, as one of them sees it.

mod conversation;
mod pair;
mod positions;
mod receipts;
mod repository;
mod seq;
mod service;

pub use conversation::{Conversation, ConversationId};
pub use pair::{Pair, SamePerson};
pub use positions::{Position, Positions};
pub use receipts::Receipts;
#[cfg(test)]
pub use repository::MockConversationRepository;
pub use repository::{ConversationRepository, InboxCursor, Marked, Opened, Opening};
pub use seq::{Seq, SeqError};
pub use service::{Conversations, MarkError};
