use uuid::Uuid;

use super::{ClientId, MessageBody};
use crate::Timestamp;
use crate::conversations::Seq;
use crate::users::UserId;

/// Identifies a message for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub Uuid);

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is called.
    pub id: MessageId,
    /// What its sender's client called it.
    pub client_id: ClientId,
    /// Its place in the conversation, from 1 on.
    pub seq: Seq,
    /// Which of the two members wrote it.
    pub sender: UserId,
    /// The text.
    pub body: MessageBody,
    /// When the server took it. Order is by `seq`, never by this.
    pub sent_at: Timestamp,
}
