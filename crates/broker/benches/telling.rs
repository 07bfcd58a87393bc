//! Telling the streams of one node: `cargo bench -p broker`.

use broker::InProcess;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use domain::Timestamp;
use domain::conversations::Seq;
use domain::live::{Broker, Event, Events, What};
use domain::messages::{ClientId, Message, MessageBody, MessageId};
use domain::users::{DisplayName, User, UserId, Username};
use futures_util::{FutureExt, StreamExt};
use uuid::Uuid;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    telling(&mut criterion);
    criterion.final_summary();
}

/// A message, from its publication until each of so many streams of its recipient has it.
fn telling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a message to each of so many streams");
    for streams in [1, 1_000] {
        let (broker, event) = (InProcess::new(), message());
        let recipient = event.audience()[1];
        let mut subscribed: Vec<Events> = (0..streams)
            .map(|_| at_once(broker.subscribe(recipient)))
            .collect();
        group.throughput(Throughput::Elements(streams));
        group.bench_function(BenchmarkId::from_parameter(streams), |bencher| {
            bencher.iter_batched(
                || event.clone(),
                |event| {
                    at_once(broker.publish(event));
                    for events in &mut subscribed {
                        assert!(matches!(at_once(events.next()), Some(Ok(_))));
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// In one process nothing of this waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it waits")
}

fn message() -> Event {
    let (from, to) = (user(1, "mary"), user(2, "david"));
    let message = Message {
        id: MessageId(Uuid::from_u128(3)),
        client_id: ClientId(Uuid::from_u128(4)),
        seq: Seq::new(1).expect("a number"),
        sender: from.id,
        body: MessageBody::parse("Shall we meet for lunch at noon?").expect("a text"),
        sent_at: Timestamp::EPOCH,
    };
    Event::Between {
        from,
        to,
        what: What::Message(message),
    }
}

fn user(id: u128, name: &str) -> User {
    let username = Username::parse(name).expect("a name");
    User {
        id: UserId(Uuid::from_u128(id)),
        display_name: DisplayName::of_username(&username),
        username,
        last_seen_at: None,
        present_at: None,
        read_receipts: true,
    }
}
