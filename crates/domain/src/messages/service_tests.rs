use std::time::Duration;

use mockall::Sequence;
use mockall::predicate::eq;
use uuid::Uuid;

use super::*;
use crate::MockSendLimit;
use crate::conversations::Conversation;
use crate::live::MockBroker;
use crate::messages::MockMessageRepository;
use crate::testing::{StillClock, StillIds, at, user, username};

/// Every mock refuses what was not expected of it.
#[derive(Default)]
struct Ports {
    messages: MockMessageRepository,
    broker: MockBroker,
    limit: MockSendLimit,
}

const CLIENT_ID: ClientId = ClientId(Uuid::from_u128(5));

fn stored() -> Message {
    Message {
        id: MessageId(StillIds::UUID),
        client_id: CLIENT_ID,
        seq: Seq::new(1).unwrap(),
        sender: user("david").id,
        body: MessageBody::parse("hello").unwrap(),
        sent_at: at(StillClock::MILLIS),
    }
}

impl Ports {
    fn within_limit() -> Self {
        let mut ports = Self::default();
        ports
            .limit
            .expect_check()
            .with(eq(user("david").id))
            .once()
            .returning(|_| Ok(()));
        ports
    }

    fn appending(mut self, client_id: ClientId, outcome: Appended) -> Self {
        self.messages
            .expect_append()
            .withf(move |message| {
                message.id == MessageId(StillIds::UUID)
                    && message.client_id == client_id
                    && message.conversation == ConversationId(StillIds::UUID)
                    && message.sender == user("david").id
                    && message.to == Recipient::Named(username("mary"))
                    && message.body.as_str() == "hello"
                    && message.sent_at == at(StillClock::MILLIS)
            })
            .once()
            .returning(move |_| Ok(outcome.clone()));
        self
    }

    fn service(self) -> Messages {
        Messages::new(
            Arc::new(self.messages),
            Arc::new(self.broker),
            Arc::new(self.limit),
            Arc::new(StillClock),
            Arc::new(StillIds),
        )
    }

    async fn send(self, client_id: Option<ClientId>) -> Result<Sent, SendError> {
        let body = MessageBody::parse("hello").unwrap();
        let send = Send {
            to: username("mary"),
            client_id,
            body,
        };
        self.service().send(&user("david"), send).await
    }
}

fn around(previous: Option<Message>) -> Surroundings {
    Surroundings {
        conversation: Conversation::empty(user("mary")),
        previous,
    }
}

#[tokio::test]
async fn what_is_around_a_message_is_given_only_as_a_whole() {
    let second = Message {
        seq: Seq::new(2).unwrap(),
        ..stored()
    };
    for (message, previous, is_whole) in [
        (stored(), None, true),
        (second.clone(), Some(stored()), true),
        (second, None, false),
    ] {
        let around = around(previous);
        let new = Appended::New(message, Box::new(around.clone()));
        let mut ports = Ports::within_limit().appending(CLIENT_ID, new);
        ports.broker.expect_publish().once().returning(|_| ());
        let sent = ports.send(Some(CLIENT_ID)).await.unwrap();
        assert_eq!(sent.surroundings, is_whole.then_some(around));
    }
}

#[tokio::test]
async fn a_new_message_is_told_to_both_after_it_is_stored() {
    let mut ports = Ports::within_limit();
    let mut order = Sequence::new();
    ports
        .messages
        .expect_append()
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(Appended::New(stored(), Box::new(around(None)))));
    ports
        .broker
        .expect_publish()
        .with(eq(Event::Between {
            from: user("david"),
            to: user("mary"),
            what: What::Message(stored()),
        }))
        .once()
        .in_sequence(&mut order)
        .returning(|_| ());
    let sent = ports.send(Some(CLIENT_ID)).await.unwrap();
    assert_eq!(
        sent,
        Sent {
            message: stored(),
            to: user("mary"),
            retry: false,
            surroundings: Some(around(None)),
        }
    );
}

#[tokio::test]
async fn a_retry_gives_the_first_result_and_is_told_again_as_long_as_it_may_not_have_been() {
    for (age, times) in [(0, 1), (60_000, 1), (60_001, 0)] {
        let first = Message {
            sent_at: at(StillClock::MILLIS - age),
            ..stored()
        };
        let again = Appended::Retry(first.clone(), user("mary"));
        let mut ports = Ports::within_limit().appending(CLIENT_ID, again);
        ports
            .broker
            .expect_publish()
            .with(eq(Event::Between {
                from: user("david"),
                to: user("mary"),
                what: What::Message(first.clone()),
            }))
            .times(times)
            .returning(|_| ());
        let sent = ports.send(Some(CLIENT_ID)).await.unwrap();
        assert_eq!(
            sent,
            Sent {
                message: first,
                to: user("mary"),
                retry: true,
                surroundings: None,
            }
        );
    }
}

#[tokio::test]
async fn a_used_client_id_with_another_message_is_a_conflict() {
    let ports = Ports::within_limit().appending(CLIENT_ID, Appended::Conflict);
    assert!(matches!(
        ports.send(Some(CLIENT_ID)).await,
        Err(SendError::Conflict)
    ));
}

#[tokio::test]
async fn without_a_client_id_the_server_draws_one() {
    let drawn = ClientId(StillIds::UUID);
    let new = Appended::New(stored(), Box::new(around(None)));
    let mut ports = Ports::within_limit().appending(drawn, new);
    ports.broker.expect_publish().once().returning(|_| ());
    assert!(ports.send(None).await.is_ok());
}

#[tokio::test]
async fn what_is_for_no_other_user_is_told_to_nobody() {
    let ports = Ports::within_limit().appending(CLIENT_ID, Appended::NoSuchUser);
    let outcome = ports.send(Some(CLIENT_ID)).await;
    assert!(matches!(outcome, Err(SendError::NoSuchUser)));
}

#[tokio::test]
async fn who_is_too_fast_is_refused_before_anything_is_stored() {
    let mut ports = Ports::default();
    let wait = RetryAfter(Duration::from_millis(300));
    ports
        .limit
        .expect_check()
        .with(eq(user("david").id))
        .once()
        .returning(move |_| Err(wait));
    let outcome = ports.send(None).await;
    assert!(matches!(outcome, Err(SendError::TooFast(after)) if after == wait));
}

#[tokio::test]
async fn what_was_not_stored_is_told_to_nobody() {
    let mut ports = Ports::within_limit();
    let away = || StoreError::Unavailable("away".into());
    ports
        .messages
        .expect_append()
        .once()
        .returning(move |_| Err(away()));
    assert!(matches!(ports.send(None).await, Err(SendError::Store(_))));
}

#[tokio::test]
async fn history_is_read_through_the_viewer() {
    let limit = HistoryLimit::parse(10).unwrap();
    let range = HistoryRange::Before(Seq::new(9).unwrap());
    for known in [true, false] {
        let mut ports = Ports::default();
        let found = known.then(|| History {
            conversation: Conversation::empty(user("mary")),
            messages: vec![],
            range,
        });
        let expected = found.clone();
        ports
            .messages
            .expect_list_with()
            .with(
                eq(user("david").id),
                eq(username("mary")),
                eq(range),
                eq(limit),
            )
            .once()
            .returning(move |_, _, _, _| Ok(found.clone()));
        let name = username("mary");
        let history = ports
            .service()
            .history(user("david").id, &name, range, limit)
            .await;
        assert_eq!(history.unwrap(), expected);
    }
}
