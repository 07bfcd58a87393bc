//! Each page costs so many round trips, whatever it has on it.
//!
//! Counted are the statements the driver was given, by the spans it is traced with, and the work
//! that the threads that read `SQLite` were given, in a runtime of one thread so that all of it is
//! this test's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::HistoryLimit;
use domain::conversations::{Opening, Position};
use domain::messages::HistoryRange;
use domain::users::{SearchTerm, User};
use storage::Store;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::people::*;
use crate::place::{Place, on_postgres, on_sqlite};

/// Counts what begins.
struct Statements(Arc<AtomicUsize>);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        metadata.is_span() && target.starts_with("sea_orm::driver::sqlx_")
            || target == "storage::round_trip"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let name = span.metadata().name();
        if [
            "execute",
            "execute_unprepared",
            "query_one",
            "query_all",
            "begin",
        ]
        .contains(&name)
        {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

async fn count(work: impl Future<Output = ()>) -> usize {
    let begun = Arc::new(AtomicUsize::new(0));
    let guard = tracing::subscriber::set_default(Statements(begun.clone()));
    work.await;
    drop(guard);
    begun.load(Ordering::Relaxed)
}

/// Mary with as many conversations as this, and as many messages in the first of them.
async fn fill(store: &Store, size: i64) -> (User, User) {
    let mary = add(store, "mary").await;
    let first = add(store, "peer").await;
    for n in 1..size {
        send_at(store, &first, &mary, n).await;
        let peer = add(store, &format!("peer{n}")).await;
        send_at(store, &peer, &mary, n).await;
    }
    sign_in(store, &mary, 1, 5).await;
    (mary, first)
}

/// To open a conversation beside the inbox costs `to_open`: two that do not wait for each other, or
/// both in one.
async fn each_page_costs_one_statement(place: Place, size: i64, to_open: usize) {
    let store = place.store().await;
    let (mary, peer) = fill(&store, size).await;
    let full = usize::try_from(size.min(100)).unwrap();
    let (users, conversations) = (store.users(), store.conversations());

    let session = count(async { assert!(is_signed_in(&store, 1).await) });
    assert_eq!(session.await, 1, "session");
    let sessions = count(async {
        let listed = store.sessions().list_of(mary.id, limit(100)).await;
        assert_eq!(listed.unwrap().len(), 1);
    });
    assert_eq!(sessions.await, 1, "sessions");
    let directory = count(async {
        let page = users.list_others(mary.id, None, None, limit(100)).await;
        assert_eq!(page.unwrap().items.len(), full);
    });
    assert_eq!(directory.await, 1, "directory");
    let search = count(async {
        let term = SearchTerm::parse("pe");
        let page = users.list_others(mary.id, term, None, limit(100)).await;
        assert_eq!(page.unwrap().items.len(), full);
    });
    assert_eq!(search.await, 1, "search");
    let inbox = count(async {
        let page = conversations.list_of(mary.id, None, limit(100)).await;
        assert_eq!(page.unwrap().items.len(), full);
    });
    assert_eq!(inbox.await, 1, "inbox");
    let missed = count(async {
        let found = store.messages().list_since(mary.id, at(0), 1_000).await;
        assert_eq!(found.unwrap().len(), 2 * usize::try_from(size - 1).unwrap());
    });
    assert_eq!(missed.await, 1, "missed");
    let one = count(async { assert!(with(&store, &mary, &peer).await.id.is_some()) });
    assert_eq!(one.await, 1, "conversation");
    let opened = count(async {
        let opening = Opening {
            newest: HistoryLimit::parse(50).unwrap(),
            known: None,
            inbox: limit(20),
        };
        let found = conversations.open(mary.id, &peer.username, opening).await;
        assert!(found.unwrap().is_some());
    });
    assert_eq!(opened.await, to_open, "conversation and inbox");
    for range in [
        HistoryRange::Newest,
        HistoryRange::Before(seq(size)),
        HistoryRange::After(seq(0)),
    ] {
        let page = count(async {
            let found = history(&store, &mary, &peer, range, 100).await;
            assert_eq!(
                found.messages.len(),
                full.min(100).min(usize::try_from(size - 1).unwrap())
            );
        });
        assert_eq!(page.await, 1, "history {range:?}");
    }
    let found = count(async {
        let found = users.find_by_username(&peer.username).await;
        assert!(found.unwrap().is_some());
    });
    assert_eq!(found.await, 1, "user");
    // Nothing new to mark is found by looking; a step forward is written besides.
    let unchanged = count(async {
        let marked = conversations
            .mark(mary.id, &peer.username, Position::Read, seq(0))
            .await;
        assert!(marked.unwrap().is_some());
    });
    assert_eq!(unchanged.await, 1, "position");
}

mod sqlite {
    use super::*;

    #[tokio::test]
    async fn each_page_costs_one_statement_of_3() {
        on_sqlite(|place| each_page_costs_one_statement(place, 3, 1)).await;
    }

    #[tokio::test]
    async fn each_page_costs_one_statement_of_300() {
        on_sqlite(|place| each_page_costs_one_statement(place, 300, 1)).await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test]
    async fn each_page_costs_one_statement_of_3() {
        on_postgres(|place| each_page_costs_one_statement(place, 3, 2)).await;
    }

    #[tokio::test]
    async fn each_page_costs_one_statement_of_300() {
        on_postgres(|place| each_page_costs_one_statement(place, 300, 2)).await;
    }

    async fn a_send_is_one_statement(place: Place) {
        let store = place.store().await;
        let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
        send(&store, &message(&mary, &john, "first")).await;
        let second = message(&mary, &john, "second");
        let sent = count(async {
            send(&store, &second).await;
        });
        assert_eq!(sent.await, 1);
        // A retry looks for whom it is for and the message that was stored.
        let retried = count(async {
            let outcome = store.messages().append(&again(&second)).await;
            assert!(matches!(outcome, Ok(domain::messages::Appended::Retry(..))));
        });
        assert_eq!(retried.await, 3);
    }

    #[tokio::test]
    async fn a_send_into_a_conversation_costs_one_statement() {
        on_postgres(a_send_is_one_statement).await;
    }
}
