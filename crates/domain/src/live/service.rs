use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Broker, Event, Events, What};
use crate::messages::{MessageId, MessageRepository};
use crate::users::{User, UserId, UserRepository, Username};
use crate::{StoreError, Timestamp};

/// What happens, as it happens, and what was missed.
#[derive(Clone)]
pub struct Live {
    users: Arc<dyn UserRepository>,
    messages: Arc<dyn MessageRepository>,
    broker: Arc<dyn Broker>,
}

/// What a client that was away has missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// All of it; some of it the client may have had from elsewhere.
    Events(Vec<Event>),
    /// Too much: the client had better load anew what it shows.
    TooMuch,
}

impl Live {
    /// How far before its cursor a client is told again.
    ///
    /// A cursor is the time of the node that gave it, and a message carries the time of the node
    /// that took it, some time before it could be seen by others. This is longer than the longest
    /// statement (10 s) and than clocks of machines in one cluster differ; what is told twice is
    /// known by its id.
    pub const OVERLAP: Duration = Duration::from_mins(1);

    /// The most messages that are told one by one to a client that missed them.
    pub const MOST_MISSED: u32 = 500;

    /// Over what is stored and what is told.
    #[must_use]
    pub fn new(
        users: Arc<dyn UserRepository>,
        messages: Arc<dyn MessageRepository>,
        broker: Arc<dyn Broker>,
    ) -> Self {
        Self {
            users,
            messages,
            broker,
        }
    }

    /// Everything that is told to `user` from the return of this call on.
    pub async fn subscribe(&self, user: UserId) -> Events {
        self.broker.subscribe(user).await
    }

    /// Every message of the conversations of `user` that was stored since `cursor`, in the order
    /// of each conversation, but for those in `told`, which the client had lately. A client
    /// subscribes first and asks then: nothing falls between. It reads at most as many messages as
    /// are in `told`, and [`Live::MOST_MISSED`] and one.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn missed(
        &self,
        user: &User,
        cursor: Timestamp,
        told: &HashSet<MessageId>,
    ) -> Result<Missed, StoreError> {
        let since = cursor.before(Self::OVERLAP);
        let most = Self::MOST_MISSED;
        let limit = u32::try_from(told.len()).unwrap_or(u32::MAX);
        let limit = limit.saturating_add(most + 1);
        let mut found = self.messages.list_since(user.id, since, limit).await?;
        found.retain(|(_, message)| !told.contains(&message.id));
        if found.len() > most as usize {
            return Ok(Missed::TooMuch);
        }
        let event = |(peer, message): (User, crate::messages::Message)| {
            let is_mine = message.sender == user.id;
            let (from, to) = if is_mine {
                (user.clone(), peer)
            } else {
                (peer, user.clone())
            };
            Event::Between {
                from,
                to,
                what: What::Message(message),
            }
        };
        Ok(Missed::Events(found.into_iter().map(event).collect()))
    }

    /// Tells `peer` that `viewer` is typing. `None` for a name that is unknown, disabled or the
    /// viewer's own.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn type_to(&self, viewer: &User, peer: &Username) -> Result<Option<()>, StoreError> {
        let found = self.users.find_by_username(peer).await?;
        let Some(to) = found.filter(|user| user.id != viewer.id) else {
            return Ok(None);
        };
        let from = viewer.clone();
        self.broker
            .publish(Event::Between {
                from,
                to,
                what: What::Typing,
            })
            .await;
        Ok(Some(()))
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;
    use uuid::Uuid;

    use super::*;
    use crate::conversations::Seq;
    use crate::live::MockBroker;
    use crate::messages::{ClientId, Message, MessageBody, MessageId, MockMessageRepository};
    use crate::testing::{at, user, username};
    use crate::users::MockUserRepository;

    fn message(sender: &User, n: i64) -> Message {
        Message {
            id: MessageId(Uuid::from_u128(n.unsigned_abs().into())),
            client_id: ClientId(Uuid::nil()),
            seq: Seq::new(n).unwrap(),
            sender: sender.id,
            body: MessageBody::parse("hello").unwrap(),
            sent_at: at(0),
        }
    }

    fn missing(found: Vec<(User, Message)>, limit: u32) -> Live {
        let mut messages = MockMessageRepository::new();
        messages
            .expect_list_since()
            .with(eq(user("david").id), eq(at(40_000)), eq(limit))
            .once()
            .returning(move |_, _, _| Ok(found.clone()));
        Live::new(
            Arc::new(MockUserRepository::new()),
            Arc::new(messages),
            Arc::new(MockBroker::new()),
        )
    }

    #[tokio::test]
    async fn what_was_missed_is_told_as_it_would_have_been() {
        let (david, mary) = (user("david"), user("mary"));
        let mine = message(&david, 1);
        let theirs = message(&mary, 2);
        let found = vec![(mary.clone(), mine.clone()), (mary.clone(), theirs.clone())];
        let live = missing(found, 501);
        let between = |from: &User, to: &User, message| Event::Between {
            from: from.clone(),
            to: to.clone(),
            what: What::Message(message),
        };
        let told = HashSet::new();
        let missed = live.missed(&david, at(100_000), &told).await.unwrap();
        let expected = vec![between(&david, &mary, mine), between(&mary, &david, theirs)];
        assert_eq!(missed, Missed::Events(expected));
    }

    #[tokio::test]
    async fn too_much_is_not_told_one_by_one_and_only_what_was_not_told_counts() {
        let (david, mary) = (user("david"), user("mary"));
        for (stored, told, missed) in [
            (501, 0, None),
            (500, 0, Some(500)),
            (1_100, 600, Some(500)),
            (1_101, 600, None),
        ] {
            let messages = (1..=stored).map(|n| (mary.clone(), message(&mary, n)));
            let told: HashSet<_> = (1..=told).map(|n| message(&mary, n).id).collect();
            let limit = 501 + u32::try_from(told.len()).unwrap();
            let live = missing(messages.collect(), limit);
            let found = live.missed(&david, at(100_000), &told).await.unwrap();
            let count = match found {
                Missed::Events(events) => Some(events.len()),
                Missed::TooMuch => None,
            };
            assert_eq!(count, missed, "{stored} stored");
        }
    }

    fn typing(found: Option<User>, broker: MockBroker) -> Live {
        let mut users = MockUserRepository::new();
        users
            .expect_find_by_username()
            .with(eq(username("mary")))
            .once()
            .returning(move |_| Ok(found.clone()));
        Live::new(
            Arc::new(users),
            Arc::new(MockMessageRepository::new()),
            Arc::new(broker),
        )
    }

    #[tokio::test]
    async fn typing_is_told_to_the_other_one() {
        let (from, to) = (user("david"), user("mary"));
        let mut broker = MockBroker::new();
        broker
            .expect_publish()
            .with(eq(Event::Between {
                from,
                to,
                what: What::Typing,
            }))
            .once()
            .returning(|_| ());
        let live = typing(Some(user("mary")), broker);
        let told = live
            .type_to(&user("david"), &username("mary"))
            .await
            .unwrap();
        assert_eq!(told, Some(()));
    }

    #[tokio::test]
    async fn nobody_types_to_an_unknown_user_or_to_themselves() {
        for found in [
            None,
            Some(User {
                username: username("mary"),
                ..user("david")
            }),
        ] {
            let live = typing(found, MockBroker::new());
            let told = live
                .type_to(&user("david"), &username("mary"))
                .await
                .unwrap();
            assert_eq!(told, None);
        }
    }
}
