//! The promises of [`domain::live::Broker`], held against every adapter.

use std::sync::Arc;
use std::time::Duration;

use broker::InProcess;
use domain::conversations::Seq;
use domain::live::{Broker, Event, Events, Lagged};
use domain::users::UserId;
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

const MARY: UserId = UserId(Uuid::from_u128(1));
const DAVID: UserId = UserId(Uuid::from_u128(2));
const ROBERT: UserId = UserId(Uuid::from_u128(3));

/// More than any adapter may keep for one subscriber.
const TOO_MANY: i64 = 20_000;

/// Every adapter, new and without subscribers.
fn brokers() -> Vec<Arc<dyn Broker>> {
    vec![Arc::new(InProcess::new())]
}

fn event(reader: UserId, peer: UserId, seq: i64) -> Event {
    Event::Read {
        reader,
        peer,
        seq: Seq::new(seq).expect("it is not negative"),
    }
}

/// The next thing a subscriber is given. An adapter may take a moment; a test waits for the
/// condition and this is only how long until it fails. The clock is looked at first, so that a
/// subscriber nobody woke is not taken for one that was given something.
async fn next(events: &mut Events) -> Option<Result<Arc<Event>, Lagged>> {
    tokio::select! {
        biased;
        () = sleep(Duration::from_secs(10)) => panic!("nothing was given within ten seconds"),
        given = events.next() => given,
    }
}

async fn next_event(events: &mut Events) -> Event {
    let event = next(events).await.expect("the stream goes on");
    Event::clone(&event.expect("the subscriber was quick enough"))
}

#[tokio::test]
async fn every_subscriber_of_both_people_gets_each_event() {
    for broker in brokers() {
        let mut all = [
            broker.subscribe(MARY).await,
            broker.subscribe(MARY).await,
            broker.subscribe(DAVID).await,
        ];
        broker.publish(event(MARY, DAVID, 1)).await;
        broker.publish(event(DAVID, MARY, 2)).await;
        for events in &mut all {
            assert_eq!(next_event(events).await, event(MARY, DAVID, 1));
            assert_eq!(next_event(events).await, event(DAVID, MARY, 2));
        }
    }
}

#[tokio::test]
async fn nobody_else_is_told() {
    for broker in brokers() {
        let mut of_robert = broker.subscribe(ROBERT).await;
        broker.publish(event(MARY, DAVID, 1)).await;
        broker.publish(event(MARY, ROBERT, 2)).await;
        assert_eq!(next_event(&mut of_robert).await, event(MARY, ROBERT, 2));
    }
}

#[tokio::test]
async fn who_is_both_people_is_told_once() {
    for broker in brokers() {
        let mut of_mary = broker.subscribe(MARY).await;
        broker.publish(event(MARY, MARY, 1)).await;
        broker.publish(event(MARY, DAVID, 2)).await;
        assert_eq!(next_event(&mut of_mary).await, event(MARY, MARY, 1));
        assert_eq!(next_event(&mut of_mary).await, event(MARY, DAVID, 2));
    }
}

#[tokio::test]
async fn events_of_one_publisher_come_in_order() {
    for broker in brokers() {
        let mut of_david = broker.subscribe(DAVID).await;
        for seq in 0..100 {
            broker.publish(event(MARY, DAVID, seq)).await;
        }
        for seq in 0..100 {
            assert_eq!(next_event(&mut of_david).await, event(MARY, DAVID, seq));
        }
    }
}

#[tokio::test]
async fn a_waiting_subscriber_is_woken() {
    for broker in brokers() {
        let mut of_mary = broker.subscribe(MARY).await;
        assert!(timeout(Duration::ZERO, of_mary.next()).await.is_err());
        let (waiting, ()) = tokio::join!(
            next_event(&mut of_mary),
            broker.publish(event(DAVID, MARY, 1))
        );
        assert_eq!(waiting, event(DAVID, MARY, 1));
    }
}

#[tokio::test]
async fn a_subscription_begins_when_the_call_returns() {
    for broker in brokers() {
        for seq in 0..200 {
            broker.publish(event(MARY, DAVID, 1_000)).await;
            let mut of_mary = broker.subscribe(MARY).await;
            let publisher = Arc::clone(&broker);
            tokio::spawn(async move { publisher.publish(event(MARY, DAVID, seq)).await })
                .await
                .unwrap();
            let first = loop {
                // What was published before may or may not come; what came after must.
                let told = next_event(&mut of_mary).await;
                if told != event(MARY, DAVID, 1_000) {
                    break told;
                }
            };
            assert_eq!(first, event(MARY, DAVID, seq));
        }
    }
}

#[tokio::test]
async fn a_slow_subscriber_is_cut_off_and_the_others_are_not() {
    for broker in brokers() {
        let mut slow = broker.subscribe(MARY).await;
        let mut quick = broker.subscribe(MARY).await;
        for seq in 0..TOO_MANY {
            broker.publish(event(DAVID, MARY, seq)).await;
            assert_eq!(next_event(&mut quick).await, event(DAVID, MARY, seq));
        }

        let mut given = 0;
        loop {
            match next(&mut slow).await.expect("it is told before the end") {
                Ok(told) => assert_eq!(*told, event(DAVID, MARY, given)),
                Err(Lagged) => break,
            }
            given += 1;
        }
        assert!(given > 0 && given < TOO_MANY, "{given} were queued");
        assert_eq!(next(&mut slow).await, None);
        assert_eq!(next(&mut slow).await, None);

        let mut again = broker.subscribe(MARY).await;
        broker.publish(event(DAVID, MARY, TOO_MANY)).await;
        assert_eq!(next_event(&mut again).await, event(DAVID, MARY, TOO_MANY));
    }
}

#[tokio::test]
async fn who_leaves_takes_nobody_along() {
    for broker in brokers() {
        let leaving = broker.subscribe(MARY).await;
        let mut staying = broker.subscribe(MARY).await;
        broker.publish(event(DAVID, MARY, 1)).await;
        drop(leaving);
        broker.publish(event(DAVID, MARY, 2)).await;
        assert_eq!(next_event(&mut staying).await, event(DAVID, MARY, 1));
        assert_eq!(next_event(&mut staying).await, event(DAVID, MARY, 2));
    }
}
