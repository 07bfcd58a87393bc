use std::sync::Arc;

use super::{
    Appended, ClientId, History, HistoryRange, Message, MessageBody, MessageId, MessageRepository,
    NewMessage, Recipient, SendTally, Surroundings,
};
use crate::conversations::{ConversationId, Seq};
use crate::live::{Broker, Event, Live, What};
use crate::users::{User, UserId, Username};
use crate::{Clock, HistoryLimit, Ids, RetryAfter, SendLimit, StoreError};

/// Reading and writing messages: stories 2 and 3.
#[derive(Clone)]
pub struct Messages {
    repository: Arc<dyn MessageRepository>,
    broker: Arc<dyn Broker>,
    limit: Arc<dyn SendLimit>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    tally: Arc<SendTally>,
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct Send {
    /// To whom.
    pub to: Username,
    /// The id its client gave it; without one, every attempt is a message of its own.
    pub client_id: Option<ClientId>,
    /// The text.
    pub body: MessageBody,
}

/// A message that is stored, durably.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// As stored.
    pub message: Message,
    /// Whom it went to.
    pub to: User,
    /// Whether it had been stored before: this was a retry.
    pub retry: bool,
    /// What was around it as it was stored, where that is known as a whole.
    pub surroundings: Option<Surroundings>,
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The name is unknown, disabled or one's own.
    #[error("there is no other user of that name")]
    NoSuchUser,
    /// The sender is too fast.
    #[error("too many messages in a short time")]
    TooFast(RetryAfter),
    /// The client id belongs to another message of this sender.
    #[error("the client id belongs to another message")]
    Conflict,
    /// The store failed. The message may have been stored: only a retry with its client id tells.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Messages {
    /// Over the messages that exist; what is sent is told to `broker`.
    #[must_use]
    pub fn new(
        repository: Arc<dyn MessageRepository>,
        broker: Arc<dyn Broker>,
        limit: Arc<dyn SendLimit>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            repository,
            broker,
            limit,
            clock,
            ids,
            tally: Arc::default(),
        }
    }

    /// Sends a message to another user. When it returns, the message is durable; sending it again
    /// with the same client id gives the same message. Both members are told of a new one.
    ///
    /// # Errors
    /// [`SendError`] when it was not sent.
    pub async fn send(&self, sender: &User, send: Send) -> Result<Sent, SendError> {
        let outcome = self.store_and_tell(sender, send).await;
        self.tally.count(&outcome);
        outcome
    }

    /// How sends have ended.
    #[must_use]
    pub fn tally(&self) -> &SendTally {
        &self.tally
    }

    async fn store_and_tell(&self, sender: &User, send: Send) -> Result<Sent, SendError> {
        self.limit.check(sender.id).map_err(SendError::TooFast)?;
        let now = self.clock.now();
        let message = NewMessage {
            id: MessageId(self.ids.uuid(now)),
            client_id: send
                .client_id
                .unwrap_or_else(|| ClientId(self.ids.uuid(now))),
            conversation: ConversationId(self.ids.uuid(now)),
            sender: sender.id,
            to: Recipient::Named(send.to),
            body: send.body,
            sent_at: now,
        };
        let appended = self.repository.append(&message).await?;
        let retry = matches!(appended, Appended::Retry(..));
        let (message, to, surroundings) = match appended {
            Appended::New(message, around) => {
                let to = around.conversation.with.clone();
                let is_whole = around.previous.is_some() || message.seq == Seq::FIRST;
                (message, to, is_whole.then_some(*around))
            }
            Appended::Retry(message, to) => (message, to, None),
            Appended::Conflict => return Err(SendError::Conflict),
            Appended::NoSuchUser => return Err(SendError::NoSuchUser),
        };
        // Who stored the first attempt may have died before telling. Of one that is older, every
        // stream has read by itself.
        if !retry || now.since(message.sent_at) <= Live::OVERLAP {
            let stored = Event::Between {
                from: sender.clone(),
                to: to.clone(),
                what: What::Message(message.clone()),
            };
            self.broker.publish(stored).await;
        }
        Ok(Sent {
            message,
            to,
            retry,
            surroundings,
        })
    }

    /// A piece of the viewer's conversation with `peer`; `None` for a name that is unknown,
    /// disabled or the viewer's own.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn history(
        &self,
        viewer: UserId,
        peer: &Username,
        range: HistoryRange,
        limit: HistoryLimit,
    ) -> Result<Option<History>, StoreError> {
        self.repository.list_with(viewer, peer, range, limit).await
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
