use async_trait::async_trait;

use super::{Conversation, ConversationId, Position, Positions, Seq};
use crate::messages::Message;
use crate::users::{User, UserId, Username};
use crate::{HistoryLimit, ListLimit, Page, StoreError, Timestamp};

/// The place in an inbox after which the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxCursor {
    /// The last one's latest activity.
    pub active_at: Timestamp,
    /// The last one, as times can be shared.
    pub id: ConversationId,
}

/// How much is asked for by [`ConversationRepository::open`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The newest messages, at most as many.
    pub newest: HistoryLimit,
    /// But none where the last one has this number: those are known.
    pub known: Option<Seq>,
    /// The inbox beside them, from its beginning.
    pub inbox: ListLimit,
}

/// A conversation that is opened, and the inbox beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The conversation, without its last message.
    pub conversation: Conversation,
    /// Its newest messages with ascending `seq`; `None` when they were known.
    pub newest: Option<Vec<Message>>,
    /// The beginning of the inbox.
    pub inbox: Page<Conversation, InboxCursor>,
}

/// What became of [`ConversationRepository::mark`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// The position moved forward.
    Advanced {
        /// In the conversation with this other member.
        with: User,
        /// How far the viewer was, just before.
        before: Positions,
    },
    /// It was there or further already.
    Unchanged,
    /// There is no such message yet; nothing was changed.
    Beyond,
}

/// Port: the conversations of one member. Nobody else's can be reached through it.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ConversationRepository: Send + Sync {
    /// The conversation of `viewer` with the enabled user `peer`, empty before the first message;
    /// `None` when there is no such user or it is the viewer.
    async fn find_with(
        &self,
        viewer: UserId,
        peer: &Username,
    ) -> Result<Option<Conversation>, StoreError>;

    /// The conversations of `viewer` that have messages and whose other member is enabled, the
    /// latest active first, then by id, each with its last message. The cost depends on the limit
    /// and not on how many there are.
    async fn list_of(
        &self,
        viewer: UserId,
        before: Option<InboxCursor>,
        limit: ListLimit,
    ) -> Result<Page<Conversation, InboxCursor>, StoreError>;

    /// All that is seen when `viewer` opens the conversation with the enabled user `peer`, at one
    /// go; `None` when there is no such user or it is the viewer. The inbox may be as of a moment
    /// before or after the conversation. The cost depends on the limits and on nothing else.
    async fn open(
        &self,
        viewer: UserId,
        peer: &Username,
        opening: Opening,
    ) -> Result<Option<Opened>, StoreError>;

    /// Moves a position of `viewer` forward to `seq`; it never goes back. `None` when there is no
    /// enabled user `peer` or it is the viewer.
    async fn mark(
        &self,
        viewer: UserId,
        peer: &Username,
        position: Position,
        seq: Seq,
    ) -> Result<Option<Marked>, StoreError>;
}
