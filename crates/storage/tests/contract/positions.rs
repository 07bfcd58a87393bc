//! `ConversationRepository::mark_read`.

use domain::conversations::MarkedRead;
use domain::users::User;
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

async fn mark(store: &Store, viewer: &User, peer: &str, n: i64) -> Option<MarkedRead> {
    let conversations = store.conversations();
    let marked = conversations
        .mark_read(viewer.id, &name(peer), seq(n))
        .await;
    marked.unwrap()
}

async fn a_position_moves_forward_only_and_not_beyond_the_last_message(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    for _ in 0..3 {
        send(&store, &message(&john, &mary, "x")).await;
    }
    let advanced = Some(MarkedRead::Advanced(john.clone()));
    let steps = [
        (4, Some(MarkedRead::Beyond), 0),
        (0, Some(MarkedRead::Unchanged), 0),
        (2, advanced.clone(), 2),
        (2, Some(MarkedRead::Unchanged), 2),
        (1, Some(MarkedRead::Unchanged), 2),
        (3, advanced, 3),
        (i64::MAX, Some(MarkedRead::Beyond), 3),
    ];
    for (n, outcome, read) in steps {
        assert_eq!(mark(&store, &mary, "JOHN", n).await, outcome, "{n}");
        assert_eq!(with(&store, &mary, &john).await.read_seq, seq(read));
        // As the other one sees it; their own position is their own.
        let of_john = with(&store, &john, &mary).await;
        assert_eq!(
            (of_john.peer_read_seq, of_john.read_seq),
            (seq(read), seq(3))
        );
    }
}

async fn with_nobody_there_is_nothing_to_mark(place: Place) {
    let store = place.store().await;
    let (mary, _) = (add(&store, "mary").await, add(&store, "john").await);
    assert_eq!(mark(&store, &mary, "nobody", 0).await, None);
    assert_eq!(mark(&store, &mary, "mary", 0).await, None);
    // Before the first message there is none to read.
    let unchanged = Some(MarkedRead::Unchanged);
    assert_eq!(mark(&store, &mary, "john", 0).await, unchanged);
    assert_eq!(
        mark(&store, &mary, "john", 1).await,
        Some(MarkedRead::Beyond)
    );
}

async fn of_many_who_mark_the_same_one_advances(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    send(&store, &message(&john, &mary, "x")).await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (store, mary) = (store.clone(), mary.clone());
            tokio::spawn(async move { mark(&store, &mary, "john", 1).await })
        })
        .collect();
    let mut advanced = 0;
    for task in tasks {
        let outcome = task.await.unwrap();
        advanced += usize::from(outcome == Some(MarkedRead::Advanced(john.clone())));
    }
    assert_eq!(advanced, 1);
}

on_both! {
    a_position_moves_forward_only_and_not_beyond_the_last_message,
    with_nobody_there_is_nothing_to_mark,
    of_many_who_mark_the_same_one_advances,
}
