//! The promises of [`domain::live::Broker`], held against every adapter, on one node and on two.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where, whichever function it is in"
)]

mod nats_server;
mod outages;

use std::sync::Arc;
use std::time::Duration;

use broker::{InProcess, Nats};
use domain::conversations::{Position, Seq};
use domain::live::{Broker, Event, Events, Lagged, What};
use domain::users::{DisplayName, User, UserId, Username};
use domain::{Clock, Ids, RandomIds, SystemClock};
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};

/// More than any adapter may keep for one subscriber.
const TOO_MANY: i64 = 5_000;

/// Who is there, and where they are told of what is published where.
struct Stage {
    tells: Arc<dyn Broker>,
    hears: Arc<dyn Broker>,
    mary: User,
    david: User,
    robert: User,
}

impl Stage {
    fn new(tells: Arc<dyn Broker>, hears: Arc<dyn Broker>) -> Self {
        Self {
            tells,
            hears,
            mary: user("mary"),
            david: user("david"),
            robert: user("robert"),
        }
    }
}

/// Somebody of that name, and of no other test that uses the same server.
fn user(name: &str) -> User {
    User {
        id: UserId(RandomIds.uuid(SystemClock.now())),
        username: Username::parse(name).unwrap(),
        display_name: DisplayName::parse(name).unwrap(),
        last_seen_at: None,
        present_at: None,
        read_receipts: true,
    }
}

fn read(from: &User, to: &User, seq: i64) -> Event {
    Event::Between {
        from: from.clone(),
        to: to.clone(),
        what: What::Reached(Position::Read, Seq::new(seq).unwrap()),
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

async fn every_subscriber_of_both_people_gets_each_event(stage: Stage) {
    let mut all = [
        stage.hears.subscribe(stage.mary.id).await,
        stage.hears.subscribe(stage.mary.id).await,
        stage.hears.subscribe(stage.david.id).await,
    ];
    stage
        .tells
        .publish(read(&stage.mary, &stage.david, 1))
        .await;
    stage
        .tells
        .publish(read(&stage.david, &stage.mary, 2))
        .await;
    for events in &mut all {
        assert_eq!(next_event(events).await, read(&stage.mary, &stage.david, 1));
        assert_eq!(next_event(events).await, read(&stage.david, &stage.mary, 2));
    }
}

async fn nobody_else_is_told(stage: Stage) {
    let mut of_robert = stage.hears.subscribe(stage.robert.id).await;
    stage
        .tells
        .publish(read(&stage.mary, &stage.david, 1))
        .await;
    stage
        .tells
        .publish(read(&stage.mary, &stage.robert, 2))
        .await;
    assert_eq!(
        next_event(&mut of_robert).await,
        read(&stage.mary, &stage.robert, 2)
    );
}

async fn who_is_both_people_is_told_once(stage: Stage) {
    let mut of_mary = stage.hears.subscribe(stage.mary.id).await;
    stage.tells.publish(read(&stage.mary, &stage.mary, 1)).await;
    stage
        .tells
        .publish(read(&stage.mary, &stage.david, 2))
        .await;
    assert_eq!(
        next_event(&mut of_mary).await,
        read(&stage.mary, &stage.mary, 1)
    );
    assert_eq!(
        next_event(&mut of_mary).await,
        read(&stage.mary, &stage.david, 2)
    );
}

async fn events_of_one_publisher_come_in_order(stage: Stage) {
    let mut of_david = stage.hears.subscribe(stage.david.id).await;
    for seq in 0..100 {
        stage
            .tells
            .publish(read(&stage.mary, &stage.david, seq))
            .await;
    }
    for seq in 0..100 {
        assert_eq!(
            next_event(&mut of_david).await,
            read(&stage.mary, &stage.david, seq)
        );
    }
}

async fn a_waiting_subscriber_is_woken(stage: Stage) {
    let mut of_mary = stage.hears.subscribe(stage.mary.id).await;
    assert!(timeout(Duration::ZERO, of_mary.next()).await.is_err());
    let (waiting, ()) = tokio::join!(
        next_event(&mut of_mary),
        stage.tells.publish(read(&stage.david, &stage.mary, 1))
    );
    assert_eq!(waiting, read(&stage.david, &stage.mary, 1));
}

async fn a_subscription_begins_when_the_call_returns(stage: Stage) {
    for seq in 0..200 {
        stage
            .tells
            .publish(read(&stage.mary, &stage.david, 1_000))
            .await;
        let mut of_mary = stage.hears.subscribe(stage.mary.id).await;
        let publisher = Arc::clone(&stage.tells);
        let event = read(&stage.mary, &stage.david, seq);
        tokio::spawn(async move { publisher.publish(event).await })
            .await
            .unwrap();
        // What was published before may or may not come; what came after must.
        while next_event(&mut of_mary).await != read(&stage.mary, &stage.david, seq) {}
    }
}

async fn a_slow_subscriber_is_cut_off_and_the_others_are_not(stage: Stage) {
    let mut slow = stage.hears.subscribe(stage.mary.id).await;
    let mut quick = stage.hears.subscribe(stage.mary.id).await;
    for seq in 0..TOO_MANY {
        stage
            .tells
            .publish(read(&stage.david, &stage.mary, seq))
            .await;
        assert_eq!(
            next_event(&mut quick).await,
            read(&stage.david, &stage.mary, seq)
        );
    }

    let mut given = 0;
    loop {
        match next(&mut slow).await.expect("it is told before the end") {
            Ok(told) => assert_eq!(*told, read(&stage.david, &stage.mary, given)),
            Err(Lagged) => break,
        }
        given += 1;
    }
    assert!(given > 0 && given < TOO_MANY, "{given} were queued");
    assert_eq!(next(&mut slow).await, None);
    assert_eq!(next(&mut slow).await, None);

    let mut again = stage.hears.subscribe(stage.mary.id).await;
    stage
        .tells
        .publish(read(&stage.david, &stage.mary, TOO_MANY))
        .await;
    assert_eq!(
        next_event(&mut again).await,
        read(&stage.david, &stage.mary, TOO_MANY)
    );
}

async fn who_leaves_takes_nobody_along(stage: Stage) {
    let leaving = stage.hears.subscribe(stage.mary.id).await;
    let mut staying = stage.hears.subscribe(stage.mary.id).await;
    stage
        .tells
        .publish(read(&stage.david, &stage.mary, 1))
        .await;
    drop(leaving);
    stage
        .tells
        .publish(read(&stage.david, &stage.mary, 2))
        .await;
    assert_eq!(
        next_event(&mut staying).await,
        read(&stage.david, &stage.mary, 1)
    );
    assert_eq!(
        next_event(&mut staying).await,
        read(&stage.david, &stage.mary, 2)
    );
}

/// Makes a test on each adapter of each promise.
macro_rules! on_all {
    ($($promise:ident),+ $(,)?) => {
        mod in_process {
            use super::*;
            $(
                #[tokio::test]
                async fn $promise() {
                    let broker = Arc::new(InProcess::new());
                    super::$promise(Stage::new(broker.clone(), broker)).await;
                }
            )+
        }

        mod nats {
            use super::*;

            async fn node() -> Arc<Nats> {
                let url = nats_server::shared_url();
                Arc::new(Nats::connect(&url).await.unwrap())
            }

            mod one_node {
                use super::*;
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $promise() {
                        let node = node().await;
                        super::super::$promise(Stage::new(node.clone(), node)).await;
                    }
                )+
            }

            mod two_nodes {
                use super::*;
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $promise() {
                        super::super::$promise(Stage::new(node().await, node().await)).await;
                    }
                )+
            }
        }
    };
}

on_all! {
    every_subscriber_of_both_people_gets_each_event,
    nobody_else_is_told,
    who_is_both_people_is_told_once,
    events_of_one_publisher_come_in_order,
    a_waiting_subscriber_is_woken,
    a_subscription_begins_when_the_call_returns,
    a_slow_subscriber_is_cut_off_and_the_others_are_not,
    who_leaves_takes_nobody_along,
}
