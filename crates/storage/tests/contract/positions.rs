//! `ConversationRepository::mark`.

use domain::conversations::{Marked, Position, Positions};
use domain::users::User;
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

async fn mark(
    store: &Store,
    viewer: &User,
    peer: &str,
    position: Position,
    n: i64,
) -> Option<Marked> {
    let conversations = store.conversations();
    let peer = name(peer);
    let marked = conversations.mark(viewer.id, &peer, position, seq(n));
    marked.await.unwrap()
}

/// The other member is john; the viewer had come to `seq` with this position.
fn advanced(john: &User, position: Position, n: i64) -> Marked {
    let before = match position {
        Position::Delivered => Positions::new(seq(n), seq(0)),
        Position::Read => Positions::new(seq(0), seq(n)),
    };
    let with = john.clone();
    Marked::Advanced { with, before }
}

async fn a_position_moves_forward_only_and_not_beyond_the_last_message(place: Place) {
    let store = place.store().await;
    let john = add(&store, "john").await;
    for (name, position) in [("mary", Position::Delivered), ("zoe", Position::Read)] {
        let viewer = add(&store, name).await;
        for _ in 0..3 {
            send(&store, &message(&john, &viewer, "x")).await;
        }
        let advanced = |from| Some(advanced(&john, position, from));
        let steps = [
            (4, Some(Marked::Beyond), 0),
            (0, Some(Marked::Unchanged), 0),
            (2, advanced(0), 2),
            (2, Some(Marked::Unchanged), 2),
            (1, Some(Marked::Unchanged), 2),
            (3, advanced(2), 3),
            (i64::MAX, Some(Marked::Beyond), 3),
        ];
        for (n, outcome, now) in steps {
            let marked = mark(&store, &viewer, "JOHN", position, n).await;
            assert_eq!(marked, outcome, "{n}");
            let mine = with(&store, &viewer, &john).await.mine;
            assert_eq!(mine.at(position), seq(now));
            // As the other one sees it; their own position is their own.
            let of_john = with(&store, &john, &viewer).await;
            assert_eq!((of_john.peers, of_john.mine.read()), (mine, seq(3)));
        }
    }
}

async fn what_is_delivered_is_not_read_and_what_is_read_is_delivered(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    for _ in 0..3 {
        send(&store, &message(&john, &mary, "x")).await;
    }
    let advanced = |delivered| Some(advanced(&john, Position::Delivered, delivered));
    let delivered = mark(&store, &mary, "john", Position::Delivered, 2).await;
    assert_eq!(delivered, advanced(0));
    let found = with(&store, &mary, &john).await;
    assert_eq!(found.mine, Positions::new(seq(2), seq(0)));
    assert_eq!(found.unread(), 3);
    let read = mark(&store, &mary, "john", Position::Read, 3).await;
    assert_eq!(read, advanced(2));
    let delivered = mark(&store, &mary, "john", Position::Delivered, 3).await;
    assert_eq!(delivered, Some(Marked::Unchanged));
    let of_john = with(&store, &john, &mary).await;
    assert_eq!(of_john.peers, Positions::new(seq(3), seq(3)));
}

async fn with_nobody_there_is_nothing_to_mark(place: Place) {
    let store = place.store().await;
    let (mary, _) = (add(&store, "mary").await, add(&store, "john").await);
    let read = Position::Read;
    assert_eq!(mark(&store, &mary, "nobody", read, 0).await, None);
    assert_eq!(mark(&store, &mary, "mary", read, 0).await, None);
    // Before the first message there is none to read.
    let unchanged = Some(Marked::Unchanged);
    assert_eq!(mark(&store, &mary, "john", read, 0).await, unchanged);
    assert_eq!(
        mark(&store, &mary, "john", read, 1).await,
        Some(Marked::Beyond)
    );
}

async fn of_many_who_mark_the_same_one_advances(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    send(&store, &message(&john, &mary, "x")).await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (store, mary) = (store.clone(), mary.clone());
            tokio::spawn(async move { mark(&store, &mary, "john", Position::Read, 1).await })
        })
        .collect();
    let mut advanced = 0;
    for task in tasks {
        let outcome = task.await.unwrap();
        advanced += usize::from(matches!(outcome, Some(Marked::Advanced { .. })));
    }
    assert_eq!(advanced, 1);
}

on_both! {
    a_position_moves_forward_only_and_not_beyond_the_last_message,
    what_is_delivered_is_not_read_and_what_is_read_is_delivered,
    with_nobody_there_is_nothing_to_mark,
    of_many_who_mark_the_same_one_advances,
}
