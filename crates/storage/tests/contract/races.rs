//! `MessageRepository::append`, many at once, in one process and as if in several.

use domain::conversations::Position;
use domain::messages::{Appended, Message, MessageBody, NewMessage, Recipient};
use domain::users::User;
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

/// Appends all at once, each in a task of its own, by turns through these stores.
async fn at_once(stores: &[Store], messages: Vec<NewMessage>) -> Vec<Appended> {
    let tasks: Vec<_> = messages
        .into_iter()
        .zip(stores.iter().cycle())
        .map(|(new, store)| {
            let repository = store.messages();
            tokio::spawn(async move { repository.append(&new).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn stored(outcomes: &[Appended]) -> Vec<Message> {
    let mut messages: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Appended::New(message, _) => message.clone(),
            other => panic!("not stored as new: {other:?}"),
        })
        .collect();
    messages.sort_by_key(|message| message.seq);
    messages
}

/// What `count` sends from both sides into no conversation yet must come to.
fn each_knows_what_is_around_it(outcome: &Appended, messages: &[Message]) {
    let Appended::New(message, around) = outcome else {
        panic!("not stored as new: {outcome:?}");
    };
    let conversation = &around.conversation;
    assert_eq!(conversation.last_seq, message.seq);
    assert_eq!(conversation.mine.read(), message.seq);
    assert!(conversation.peers.read() < message.seq);
    let before = messages.iter().rfind(|one| one.seq < message.seq);
    // Or it could not be seen yet.
    assert!(around.previous.is_none() || around.previous.as_ref() == before);
}

async fn race_into_nothing(stores: &[Store], count: usize) {
    let store = &stores[0];
    let (mary, john) = (add(store, "mary").await, add(store, "john").await);
    let sends = (0..count).map(|n| {
        let (from, to) = if n % 2 == 0 {
            (&mary, &john)
        } else {
            (&john, &mary)
        };
        message(from, to, &format!("message {n}"))
    });
    let outcomes = at_once(stores, sends.collect()).await;
    let messages = stored(&outcomes);
    for outcome in &outcomes {
        each_knows_what_is_around_it(outcome, &messages);
    }
    let numbers: Vec<_> = messages.iter().map(|one| one.seq.get()).collect();
    assert_eq!(
        numbers,
        (1..=i64::try_from(count).unwrap()).collect::<Vec<_>>()
    );
    let read = newest(store, &mary, &john).await;
    assert_eq!(read, messages);
    let texts = counts(read.iter().map(|one| one.body.as_str()));
    assert!(texts.len() == count && texts.values().all(|times| *times == 1));
    for (viewer, peer) in [(&mary, &john), (&john, &mary)] {
        let listed = inbox(store, viewer).await;
        assert_eq!(listed, [with(store, viewer, peer).await]);
        assert_eq!(listed[0].last_message.as_ref(), messages.last());
        let own = messages
            .iter()
            .rfind(|one| one.sender == viewer.id)
            .unwrap();
        assert_eq!(listed[0].mine.read(), own.seq);
    }
}

async fn many_who_send_into_no_conversation_yet_make_one_without_gaps(place: Place) {
    race_into_nothing(&[place.store().await], 32).await;
}

async fn two_stores_on_one_database_make_one_without_gaps(place: Place) {
    race_into_nothing(&[place.store().await, place.store().await], 64).await;
}

/// One attempt forty times at once is stored by one and found by all others.
async fn race_of_retries(stores: &[Store], mary: &User, john: &User) {
    let new = message(mary, john, "once");
    let attempts = (0..40).map(|_| again(&new)).collect();
    let outcomes = at_once(stores, attempts).await;
    let is_new = |one: &&Appended| matches!(one, Appended::New(..));
    let Some(Appended::New(first, around)) = outcomes.iter().find(is_new) else {
        panic!("none was stored");
    };
    let expected = Appended::Retry(first.clone(), around.conversation.with.clone());
    let retries = outcomes.iter().filter(|one| **one == expected).count();
    assert_eq!(retries, 39);
    let read = newest(&stores[0], mary, john).await;
    assert_eq!(read.last(), Some(first));
    let same = read.iter().filter(|one| one.client_id == new.client_id);
    assert_eq!(same.count(), 1);
}

async fn parallel_retries_are_stored_once(place: Place) {
    let store = [place.store().await];
    let (mary, john) = (add(&store[0], "mary").await, add(&store[0], "john").await);
    // Into no conversation yet, and into one that is there.
    race_of_retries(&store, &mary, &john).await;
    race_of_retries(&store, &mary, &john).await;
    assert_eq!(with(&store[0], &john, &mary).await.last_seq, seq(2));
}

async fn parallel_retries_through_two_stores_are_stored_once(place: Place) {
    let stores = [place.store().await, place.store().await];
    let (mary, john) = (add(&stores[0], "mary").await, add(&stores[0], "john").await);
    race_of_retries(&stores, &mary, &john).await;
    race_of_retries(&stores, &mary, &john).await;
    assert_eq!(with(&stores[1], &john, &mary).await.last_seq, seq(2));
}

async fn of_parallel_sends_that_share_a_client_id_one_is_stored(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let zoe = add(&store, "zoe").await;
    let new = message(&mary, &john, "0");
    let attempts = (0..24).map(|n| {
        let mut attempt = again(&new);
        if n % 3 == 0 {
            attempt.to = Recipient::Named(zoe.username.clone());
        }
        attempt.body = MessageBody::parse(&n.to_string()).unwrap();
        attempt
    });
    let outcomes = at_once(std::slice::from_ref(&store), attempts.collect()).await;
    let new = outcomes
        .iter()
        .filter(|one| matches!(one, Appended::New(..)));
    assert_eq!(new.count(), 1);
    let conflicts = outcomes.iter().filter(|one| **one == Appended::Conflict);
    assert_eq!(conflicts.count(), 23);
    assert_eq!(inbox(&store, &mary).await.len(), 1);
}

async fn one_that_cannot_be_stored_takes_no_other_along(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    let mut stranger = mary.clone();
    stranger.id = domain::users::UserId(new_id());
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let is_bad = n % 4 == 0;
            let from = if is_bad { &stranger } else { &mary };
            let new = message(from, &john, &n.to_string());
            let repository = store.messages();
            (
                is_bad,
                tokio::spawn(async move { repository.append(&new).await }),
            )
        })
        .collect();
    for (is_bad, task) in tasks {
        assert_eq!(task.await.unwrap().is_err(), is_bad);
    }
    let read = newest(&store, &john, &mary).await;
    let numbers: Vec<_> = read.iter().map(|one| one.seq.get()).collect();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
}

async fn sends_and_other_writes_do_not_hold_each_other_up(place: Place) {
    let store = place.store().await;
    let mut people = Vec::new();
    for n in 0..6 {
        people.push(add(&store, &format!("peer{n}")).await);
    }
    let mut tasks = Vec::new();
    for n in 0..120_u8 {
        let from = people[usize::from(n) % 6].clone();
        let to = people[(usize::from(n) + 1 + usize::from(n) % 5) % 6].clone();
        if from.id == to.id {
            continue;
        }
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let session = sign_in(&store, &from, n, i64::from(n)).await;
            let stored = send(&store, &message(&from, &to, "x")).await;
            let sessions = store.sessions();
            sessions.touch(session, from.id, at(500)).await.unwrap();
            let conversations = store.conversations();
            let marked = conversations
                .mark(to.id, &from.username, Position::Read, stored.seq)
                .await;
            assert!(marked.unwrap().is_some());
            if n % 10 == 0 {
                let users = store.users();
                let changed = users
                    .set_password(&from.username, &hash("$first"), at(9))
                    .await;
                assert!(changed.unwrap());
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

on_both! {
    many_who_send_into_no_conversation_yet_make_one_without_gaps,
    two_stores_on_one_database_make_one_without_gaps,
    parallel_retries_are_stored_once,
    parallel_retries_through_two_stores_are_stored_once,
    of_parallel_sends_that_share_a_client_id_one_is_stored,
    one_that_cannot_be_stored_takes_no_other_along,
    sends_and_other_writes_do_not_hold_each_other_up,
}
