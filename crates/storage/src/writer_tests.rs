use domain::Timestamp;
use domain::conversations::ConversationId;
use domain::messages::{ClientId, MessageBody, MessageId, Recipient};
use domain::users::UserId;
use migrations::Migrator;
use migrations::sea_orm_migration::MigratorTrait;
use uuid::Uuid;

use super::*;
use crate::sqlite;

fn message(client_id: u128, sender: u128, body: &str) -> NewMessage {
    NewMessage {
        id: MessageId(Uuid::from_u128(client_id)),
        client_id: ClientId(Uuid::from_u128(client_id)),
        conversation: ConversationId(Uuid::from_u128(client_id)),
        sender: UserId(Uuid::from_u128(sender)),
        to: Recipient::Known(UserId(Uuid::from_u128(2))),
        body: MessageBody::parse(body).unwrap(),
        sent_at: Timestamp::EPOCH,
    }
}

/// The writer's connection to a database with users 1 and 2, which lasts as long as its folder.
async fn writer_for_two() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("chat.db").display());
    let db = migrations::connect(&url).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    for n in [1, 2] {
        let sql = format!(
            "INSERT INTO users (id, username, username_key, display_name, name_key,
                password_hash, created_at)
            VALUES (x'{n:032x}', 'user{n}', 'user{n}', 'user{n}', 'user{n}', '', 0)"
        );
        db.execute_unprepared(&sql).await.unwrap();
    }
    let connection = sqlite::connect_writer(&url).unwrap();
    (folder, connection)
}

#[tokio::test]
async fn what_waits_is_one_commit_in_which_each_succeeds_or_fails_alone() {
    let (_folder, mut connection) = writer_for_two().await;
    let (mut jobs, mut replies) = (Vec::new(), Vec::new());
    for new in [
        message(7, 1, "once"),
        message(8, 1, "another"),
        message(7, 1, "once"),
        message(7, 1, "something else"),
        // Of nobody.
        message(9, 3, "lost"),
        message(10, 1, "last"),
    ] {
        let (reply, outcome) = oneshot::channel();
        jobs.push(Job::Append(Box::new(new), reply));
        replies.push(outcome);
    }
    let (reply, executed) = oneshot::channel();
    let sql = "UPDATE members SET read_seq = $1";
    jobs.push(Job::Execute(sql, vec![3_i64.into()], reply));
    commit(&mut connection, jobs);

    let mut outcomes = Vec::new();
    for outcome in replies {
        outcomes.push(outcome.await.unwrap());
    }
    let seq = |outcome: &Result<Appended, Failure>| match outcome {
        Ok(Appended::New(message, _)) => ("new", message.seq.get()),
        Ok(Appended::Retry(message, _)) => ("retry", message.seq.get()),
        Ok(Appended::Conflict) => ("conflict", 0),
        Ok(Appended::NoSuchUser) => ("nobody", 0),
        Err(_) => ("failure", 0),
    };
    let seqs: Vec<_> = outcomes.iter().map(seq).collect();
    let expected = [
        ("new", 1),
        ("new", 2),
        ("retry", 1),
        ("conflict", 0),
        ("failure", 0),
        ("new", 3),
    ];
    assert_eq!(seqs, expected);
    assert!(!outcomes[4].as_ref().unwrap_err().is_unavailable());
    assert_eq!(executed.await.unwrap().unwrap(), 2);
    let stored: i64 = connection
        .query_row("SELECT count(*) FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(stored, 3);
    let left: i64 = connection
        .query_row("SELECT count(*) FROM conversations", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1);
}

/// A full disk is as good as a database that may not grow.
#[tokio::test]
async fn a_write_that_finds_no_room_undoes_the_whole_commit_and_may_come_again() {
    let (_folder, mut connection) = writer_for_two().await;
    let pages: i64 = connection
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    connection
        .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        .unwrap();
    let large = "x".repeat(8_000);
    let (mut jobs, mut replies) = (Vec::new(), Vec::new());
    for new in [
        message(7, 1, "small"),
        message(8, 1, &large),
        message(9, 1, "after it"),
    ] {
        let (reply, outcome) = oneshot::channel();
        jobs.push(Job::Append(Box::new(new), reply));
        replies.push(outcome);
    }
    commit(&mut connection, jobs);
    for outcome in replies {
        assert!(outcome.await.unwrap().unwrap_err().is_unavailable());
    }
    let stored: i64 = connection
        .query_row("SELECT count(*) FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(stored, 0);
}
