use async_trait::async_trait;

use super::{ClientId, History, HistoryRange, Message, MessageBody, MessageId};
use crate::conversations::{Conversation, ConversationId};
use crate::users::{User, UserId, Username};
use crate::{HistoryLimit, StoreError, Timestamp};

/// A message to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// A new id.
    pub id: MessageId,
    /// The id its sender's client gave it.
    pub client_id: ClientId,
    /// A new id for the conversation, should this be its first message.
    pub conversation: ConversationId,
    /// Who sends it.
    pub sender: UserId,
    /// To whom.
    pub to: Recipient,
    /// The text.
    pub body: MessageBody,
    /// When the server took it.
    pub sent_at: Timestamp,
}

/// To whom a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The enabled user of this name: what people send.
    Named(Username),
    /// This user, enabled or not: what was sent elsewhere and is loaded.
    Known(UserId),
}

/// What is around a message as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The conversation as its sender sees it with this message; its last message is left out.
    pub conversation: Conversation,
    /// The message before it; `None` when it is the first one, or when that one was stored at the
    /// same moment and could not be seen yet.
    pub previous: Option<Message>,
}

/// What became of [`MessageRepository::append`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Stored now.
    New(Message, Box<Surroundings>),
    /// The sender's client id was stored before with the same recipient and text: that message.
    Retry(Message, User),
    /// The sender's client id was stored before with another recipient or text; nothing was
    /// changed.
    Conflict,
    /// There is no such user, or it is the sender, or they are disabled and were named; nothing was
    /// changed.
    NoSuchUser,
}

/// Port: the messages of conversations.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait MessageRepository: Send + Sync {
    /// Finds whom a message is for and stores it, atomically as a whole: makes the conversation
    /// when this is its first message, numbers the message with the next `seq` under the
    /// conversation's row lock, moves the conversation's latest activity and its sender's read
    /// position, and is durable when it returns; what is around a new message comes with it.
    /// However many do so at once, on however many nodes: a pair has one conversation, its numbers
    /// are 1, 2, 3 … without a gap in the order of the commits, and one client id of one sender is
    /// stored once.
    async fn append(&self, message: &NewMessage) -> Result<Appended, StoreError>;

    /// Up to `limit` messages that were sent since then in the conversations of `user` with enabled
    /// users, each with the other member, ordered by conversation and then by `seq`. In one
    /// conversation it looks at no more than the last `limit`. The cost depends on how many
    /// conversations were active since and not on how many there are.
    async fn list_since(
        &self,
        user: UserId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(User, Message)>, StoreError>;

    /// A piece of the conversation of `viewer` with the enabled user `peer`: up to `limit`
    /// messages with ascending `seq`; the conversation comes without its last message. `None`
    /// when there is no such user or it is the viewer. The cost depends on the limit and not on
    /// how many messages there are.
    async fn list_with(
        &self,
        viewer: UserId,
        peer: &Username,
        range: HistoryRange,
        limit: HistoryLimit,
    ) -> Result<Option<History>, StoreError>;
}
