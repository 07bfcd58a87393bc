use std::sync::Arc;

use super::{Broker, Event, What};
use crate::conversations::ConversationRepository;
use crate::users::{User, UserId, UserRepository};
use crate::{Clock, ListLimit, StoreError};

/// Who is here: whoever has a stream open on any node.
///
/// The store has it, so that every page can show it. Those whom a user last wrote with are told
/// when it changes, as many as are on a page of an inbox. A node that dies tells nobody: its users count as here for
/// [`User::ONLINE_FOR`], unless they come back somewhere else.
#[derive(Clone)]
pub struct Presence {
    users: Arc<dyn UserRepository>,
    conversations: Arc<dyn ConversationRepository>,
    broker: Arc<dyn Broker>,
    clock: Arc<dyn Clock>,
}

impl Presence {
    /// Over the users that exist; changes are told to `broker`.
    #[must_use]
    pub fn new(
        users: Arc<dyn UserRepository>,
        conversations: Arc<dyn ConversationRepository>,
        broker: Arc<dyn Broker>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            users,
            conversations,
            broker,
            clock,
        }
    }

    /// A stream of `user` is open. To be called when one is opened and every half minute; `user`
    /// is as read a moment ago, which mostly tells that there is nothing to do.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn stay(&self, user: &User) -> Result<(), StoreError> {
        let now = self.clock.now();
        let is_written = |at| now.since(at) < User::PRESENT_EVERY;
        if user.present_at.is_some_and(is_written) {
            return Ok(());
        }
        self.be_here(user).await
    }

    /// A stream of `user` is open here, while it seemed to another node that none is.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn be_here(&self, user: &User) -> Result<(), StoreError> {
        let now = self.clock.now();
        if !self.users.mark_present(user.id, now).await? {
            return Ok(());
        }
        let here = User {
            present_at: Some(now),
            ..user.clone()
        };
        self.tell(&here).await
    }

    /// The last stream of `user` on this node was closed. Nodes that have another one are asked to
    /// say so; [`Presence::tell_of_absence`] is to be called once they had the time to. `None` when
    /// there is nothing to tell.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn leave(&self, user: UserId) -> Result<Option<User>, StoreError> {
        let absent = self.users.mark_absent(user, self.clock.now()).await?;
        if absent.is_some() {
            self.broker.publish(Event::Absent { user }).await;
        }
        Ok(absent)
    }

    /// Tells that `absent` has gone, unless they are here after all.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn tell_of_absence(&self, absent: &User) -> Result<(), StoreError> {
        let found = self.users.find_by_username(&absent.username).await?;
        match found {
            Some(now) if now.present_at.is_none() => self.tell(&now).await,
            Some(_) | None => Ok(()),
        }
    }

    async fn tell(&self, from: &User) -> Result<(), StoreError> {
        let latest = ListLimit::default();
        let latest = self.conversations.list_of(from.id, None, latest).await?;
        for conversation in latest.items {
            let (from, to) = (from.clone(), conversation.with);
            let what = What::Presence;
            self.broker.publish(Event::Between { from, to, what }).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::{always, eq};

    use super::*;
    use crate::conversations::{Conversation, MockConversationRepository};
    use crate::live::MockBroker;
    use crate::testing::{StillClock, at, user};
    use crate::users::MockUserRepository;
    use crate::{Page, Timestamp};

    fn now() -> Timestamp {
        at(StillClock::MILLIS)
    }

    fn present(seconds_ago: i64) -> User {
        User {
            present_at: Some(at(StillClock::MILLIS - 1_000 * seconds_ago)),
            ..user("david")
        }
    }

    /// Mary and James are told of `from`, or nobody.
    fn presence(users: MockUserRepository, told: Option<User>) -> Presence {
        let mut conversations = MockConversationRepository::new();
        let mut broker = MockBroker::new();
        if let Some(from) = told {
            let peers = ["mary", "james"];
            conversations
                .expect_list_of()
                .with(eq(from.id), eq(None), eq(ListLimit::default()))
                .once()
                .returning(move |_, _, _| {
                    let items = peers.map(|name| Conversation::empty(user(name)));
                    Ok(Page {
                        items: items.into(),
                        next: None,
                    })
                });
            for to in peers.map(user) {
                let (from, what) = (from.clone(), What::Presence);
                broker
                    .expect_publish()
                    .with(eq(Event::Between { from, to, what }))
                    .once()
                    .returning(|_| ());
            }
        }
        service(users, conversations, broker)
    }

    fn service(
        users: MockUserRepository,
        conversations: MockConversationRepository,
        broker: MockBroker,
    ) -> Presence {
        Presence::new(
            Arc::new(users),
            Arc::new(conversations),
            Arc::new(broker),
            Arc::new(StillClock),
        )
    }

    fn marking(is_news: bool) -> MockUserRepository {
        let mut users = MockUserRepository::new();
        users
            .expect_mark_present()
            .with(eq(user("david").id), eq(now()))
            .once()
            .returning(move |_, _| Ok(is_news));
        users
    }

    #[tokio::test]
    async fn who_comes_is_written_down_and_told_once() {
        let came = presence(marking(true), Some(present(0)));
        came.stay(&user("david")).await.unwrap();
        let was_here = presence(marking(false), None);
        was_here.stay(&user("david")).await.unwrap();
    }

    #[tokio::test]
    async fn who_stays_is_written_down_once_a_minute() {
        let written = presence(MockUserRepository::new(), None);
        written.stay(&present(59)).await.unwrap();
        let due = presence(marking(false), None);
        due.stay(&present(60)).await.unwrap();
    }

    #[tokio::test]
    async fn who_seemed_to_leave_and_is_here_says_so_however_short_ago_they_came() {
        let here = presence(marking(true), Some(present(0)));
        here.be_here(&present(1)).await.unwrap();
    }

    #[tokio::test]
    async fn other_nodes_are_asked_about_who_leaves() {
        for found in [Some(user("david")), None] {
            let mut users = MockUserRepository::new();
            let absent = found.clone();
            users
                .expect_mark_absent()
                .with(eq(user("david").id), eq(now()))
                .once()
                .returning(move |_, _| Ok(absent.clone()));
            let mut broker = MockBroker::new();
            let user = user("david").id;
            broker
                .expect_publish()
                .with(eq(Event::Absent { user }))
                .times(usize::from(found.is_some()))
                .returning(|_| ());
            let presence = service(users, MockConversationRepository::new(), broker);
            assert_eq!(presence.leave(user).await.unwrap(), found);
        }
    }

    #[tokio::test]
    async fn an_absence_is_told_unless_it_is_over_already() {
        let gone = user("david");
        for (found, told) in [
            (Some(gone.clone()), Some(gone.clone())),
            (Some(present(0)), None),
            // Disabled meanwhile.
            (None, None),
        ] {
            let mut users = MockUserRepository::new();
            users
                .expect_find_by_username()
                .with(eq(gone.username.clone()))
                .once()
                .returning(move |_| Ok(found.clone()));
            presence(users, told).tell_of_absence(&gone).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_failing_store_is_said_and_told_to_nobody() {
        let mut users = MockUserRepository::new();
        users
            .expect_mark_present()
            .with(always(), always())
            .once()
            .returning(|_, _| Err(StoreError::Unavailable("away".into())));
        let outcome = presence(users, None).stay(&user("david")).await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))));
    }
}
