use crate::conversations::Seq;
use crate::messages::Message;
use crate::users::UserId;

/// Something that happened between two people and is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message was stored.
    Message {
        /// Whom it went to; the sender stands in the message.
        recipient: UserId,
        /// As stored.
        message: Message,
    },
    /// Somebody has read up to a message.
    Read {
        /// Who has read.
        reader: UserId,
        /// With whom the conversation is.
        peer: UserId,
        /// Up to where.
        seq: Seq,
    },
}

impl Event {
    /// The two who are told, and nobody else.
    #[must_use]
    pub fn audience(&self) -> [UserId; 2] {
        match self {
            Self::Message { recipient, message } => [message.sender, *recipient],
            Self::Read { reader, peer, .. } => [*reader, *peer],
        }
    }
}
