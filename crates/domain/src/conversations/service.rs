use std::sync::Arc;

use super::{
    Conversation, ConversationRepository, InboxCursor, Marked, Opened, Opening, Position, Seq,
};
use crate::live::{Broker, Event, What};
use crate::users::{User, UserId, Username};
use crate::{ListLimit, Page, StoreError};

/// The inbox, and how far one is in each conversation.
#[derive(Clone)]
pub struct Conversations {
    repository: Arc<dyn ConversationRepository>,
    broker: Arc<dyn Broker>,
}

/// Why a position was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The name is unknown, disabled or one's own.
    #[error("there is no other user of that name")]
    NoSuchUser,
    /// The conversation has no message of that number.
    #[error("there is no message of that number")]
    Beyond,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Conversations {
    /// Over the conversations that exist; positions that move are told to `broker`.
    #[must_use]
    pub fn new(repository: Arc<dyn ConversationRepository>, broker: Arc<dyn Broker>) -> Self {
        Self { repository, broker }
    }

    /// The viewer's conversations, the latest active first.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn inbox(
        &self,
        viewer: UserId,
        before: Option<InboxCursor>,
        limit: ListLimit,
    ) -> Result<Page<Conversation, InboxCursor>, StoreError> {
        self.repository.list_of(viewer, before, limit).await
    }

    /// The viewer's conversation with `peer`, empty before the first message; `None` for a name
    /// that is unknown, disabled or the viewer's own.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn find_with(
        &self,
        viewer: UserId,
        peer: &Username,
    ) -> Result<Option<Conversation>, StoreError> {
        self.repository.find_with(viewer, peer).await
    }

    /// The viewer's conversation with `peer`, its newest messages and the inbox beside it; `None`
    /// as by [`Self::find_with`].
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn open(
        &self,
        viewer: UserId,
        peer: &Username,
        opening: Opening,
    ) -> Result<Option<Opened>, StoreError> {
        self.repository.open(viewer, peer, opening).await
    }

    /// Marks everything up to `seq` as delivered to a client of the viewer, or as read by them; a
    /// position never goes back.
    ///
    /// If that was news, those are told whom [`Event::audience`] names. Where the two do not share
    /// what they read, the other member learns of what was read only that it was delivered, and
    /// nothing if that was known.
    ///
    /// # Errors
    /// [`MarkError`] when nothing was marked.
    pub async fn mark(
        &self,
        viewer: &User,
        peer: &Username,
        position: Position,
        seq: Seq,
    ) -> Result<(), MarkError> {
        let marked = self.repository.mark(viewer.id, peer, position, seq);
        match marked.await? {
            None => Err(MarkError::NoSuchUser),
            Some(Marked::Beyond) => Err(MarkError::Beyond),
            Some(Marked::Unchanged) => Ok(()),
            Some(Marked::Advanced { with, before }) => {
                self.tell(viewer, &with, position, seq).await;
                let is_read = position == Position::Read;
                let is_delivered_now = is_read && seq > before.delivered();
                if is_delivered_now && !viewer.shares_reading_with(&with) {
                    self.tell(viewer, &with, Position::Delivered, seq).await;
                }
                Ok(())
            }
        }
    }

    async fn tell(&self, from: &User, to: &User, position: Position, seq: Seq) {
        let (from, to) = (from.clone(), to.clone());
        let what = What::Reached(position, seq);
        self.broker.publish(Event::Between { from, to, what }).await;
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::*;
    use crate::Timestamp;
    use crate::conversations::{ConversationId, MockConversationRepository, Positions};
    use crate::live::MockBroker;
    use crate::testing::{StillIds, user, username};

    fn service(conversations: MockConversationRepository, broker: MockBroker) -> Conversations {
        Conversations::new(Arc::new(conversations), Arc::new(broker))
    }

    fn marking(outcome: Option<Marked>) -> MockConversationRepository {
        let mut conversations = MockConversationRepository::new();
        conversations
            .expect_mark()
            .with(
                eq(user("david").id),
                eq(username("mary")),
                eq(Position::Delivered),
                eq(Seq::new(3).unwrap()),
            )
            .once()
            .returning(move |_, _, _, _| Ok(outcome.clone()));
        conversations
    }

    async fn mark(service: Conversations) -> Result<(), MarkError> {
        let seq = Seq::new(3).unwrap();
        service
            .mark(&user("david"), &username("mary"), Position::Delivered, seq)
            .await
    }

    #[tokio::test]
    async fn a_position_that_moved_is_told_once() {
        let (from, to) = (user("david"), user("mary"));
        let what = What::Reached(Position::Delivered, Seq::new(3).unwrap());
        let mut broker = MockBroker::new();
        broker
            .expect_publish()
            .with(eq(Event::Between { from, to, what }))
            .once()
            .returning(|_| ());
        mark(service(marking(Some(advanced(user("mary"), 2))), broker))
            .await
            .unwrap();
    }

    fn advanced(with: User, delivered: i64) -> Marked {
        let before = Positions::new(Seq::new(delivered).unwrap(), Seq::ZERO);
        Marked::Advanced { with, before }
    }

    #[tokio::test]
    async fn what_was_read_and_is_not_shared_is_told_as_delivered_if_that_is_news() {
        let seq = Seq::new(3).unwrap();
        for (receipts, delivered, told) in [
            (true, 2, vec![Position::Read]),
            (false, 2, vec![Position::Read, Position::Delivered]),
            (false, 3, vec![Position::Read]),
        ] {
            let mut mary = user("mary");
            mary.read_receipts = receipts;
            let mut conversations = MockConversationRepository::new();
            let outcome = advanced(mary.clone(), delivered);
            conversations
                .expect_mark()
                .withf(|_, _, position, _| *position == Position::Read)
                .once()
                .returning(move |_, _, _, _| Ok(Some(outcome.clone())));
            let mut broker = MockBroker::new();
            for position in told {
                let (from, to) = (user("david"), mary.clone());
                let what = What::Reached(position, seq);
                broker
                    .expect_publish()
                    .with(eq(Event::Between { from, to, what }))
                    .once()
                    .returning(|_| ());
            }
            let service = service(conversations, broker);
            service
                .mark(&user("david"), &username("mary"), Position::Read, seq)
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn what_moved_nothing_is_told_to_nobody() {
        let unchanged = service(marking(Some(Marked::Unchanged)), MockBroker::new());
        assert!(mark(unchanged).await.is_ok());
        let beyond = service(marking(Some(Marked::Beyond)), MockBroker::new());
        assert!(matches!(mark(beyond).await, Err(MarkError::Beyond)));
        let nobody = service(marking(None), MockBroker::new());
        assert!(matches!(mark(nobody).await, Err(MarkError::NoSuchUser)));
    }

    #[tokio::test]
    async fn a_failing_store_is_said_and_told_to_nobody() {
        let mut conversations = MockConversationRepository::new();
        conversations
            .expect_mark()
            .once()
            .returning(|_, _, _, _| Err(StoreError::Unavailable("away".into())));
        let outcome = mark(service(conversations, MockBroker::new())).await;
        assert!(matches!(
            outcome,
            Err(MarkError::Store(StoreError::Unavailable(_)))
        ));
    }

    #[tokio::test]
    async fn inbox_and_conversation_are_the_viewers_own() {
        let cursor = InboxCursor {
            active_at: Timestamp::EPOCH,
            id: ConversationId(StillIds::UUID),
        };
        let limit = ListLimit::parse(7).unwrap();
        let mut conversations = MockConversationRepository::new();
        conversations
            .expect_list_of()
            .with(eq(user("david").id), eq(Some(cursor)), eq(limit))
            .once()
            .returning(move |_, _, _| {
                Ok(Page {
                    items: vec![],
                    next: Some(cursor),
                })
            });
        conversations
            .expect_find_with()
            .with(eq(user("david").id), eq(username("mary")))
            .once()
            .returning(|_, _| Ok(Some(Conversation::empty(user("mary")))));
        let service = service(conversations, MockBroker::new());
        let page = service
            .inbox(user("david").id, Some(cursor), limit)
            .await
            .unwrap();
        assert_eq!(page.next, Some(cursor));
        let found = service
            .find_with(user("david").id, &username("mary"))
            .await
            .unwrap();
        assert_eq!(found, Some(Conversation::empty(user("mary"))));
    }
}
