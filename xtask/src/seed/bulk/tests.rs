use super::*;
use crate::seed::temp_database::TempDatabase;

async fn filled(users: u32, conversations: u32, messages: u64, seed: u64) -> TempDatabase {
    let database = TempDatabase::new().await;
    let plan = Plan::new(users, conversations, messages, seed).unwrap();
    store(&database.store().await, &plan).await.unwrap();
    database
}

#[tokio::test]
async fn the_same_seed_makes_the_same_rows_and_another_seed_others() {
    let first = filled(50, 80, 3_000, 5).await.dump().await;
    assert_eq!(filled(50, 80, 3_000, 5).await.dump().await, first);
    assert_ne!(filled(50, 80, 3_000, 6).await.dump().await, first);
}

#[tokio::test]
async fn as_much_is_stored_as_was_asked_for() {
    // More than a batch of everything.
    let database = filled(10_050, 10_100, 30_300, 1).await;
    assert_eq!(database.count("users").await, 10_050);
    assert_eq!(database.count("conversations").await, 10_100);
    assert_eq!(database.count("members").await, 20_200);
    assert_eq!(database.count("messages").await, 30_300);
    assert_eq!(
        database.count("users WHERE username = 'user010050'").await,
        1
    );
}

#[tokio::test]
async fn what_is_stored_is_as_if_it_had_been_sent() {
    let database = filled(60, 500, 20_000, 2).await;
    assert_eq!(database.count("messages").await, 20_000);
    let broken = |what: &'static str, selection: &'static str| {
        let database = &database;
        async move { assert_eq!(database.count(selection).await, 0, "{what}") }
    };
    broken(
        "seq is 1 … last_seq in every conversation",
        "(SELECT c.id FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id
          GROUP BY c.id HAVING coalesce(min(m.seq), 0) <> 1 OR max(m.seq) <> c.last_seq
          OR count(m.seq) <> c.last_seq)",
    )
    .await;
    broken(
        "only members write",
        "messages m WHERE NOT EXISTS (SELECT 1 FROM members b
          WHERE b.conversation_id = m.conversation_id AND b.user_id = m.sender_id)",
    )
    .await;
    broken(
        "the two of the pair are the members",
        "conversations c WHERE 2 <> (SELECT count(*) FROM members b
          WHERE b.conversation_id = c.id AND b.user_id IN (c.low_user_id, c.high_user_id))",
    )
    .await;
    broken(
        "a conversation is active when its last message is sent",
        "members b JOIN conversations c ON c.id = b.conversation_id
          JOIN messages m ON m.conversation_id = c.id AND m.seq = c.last_seq
          WHERE b.active_at <> m.sent_at OR c.created_at > m.sent_at",
    )
    .await;
    broken(
        "times go up",
        "messages a JOIN messages b ON b.conversation_id = a.conversation_id AND b.seq = a.seq + 1
          WHERE b.sent_at < a.sent_at",
    )
    .await;
    broken(
        "who writes has read what was there, and nobody what is not",
        "members b JOIN conversations c ON c.id = b.conversation_id WHERE b.read_seq > c.last_seq
          OR b.read_seq < coalesce((SELECT max(seq) FROM messages m
          WHERE m.conversation_id = c.id AND m.sender_id = b.user_id), 0)",
    )
    .await;
    broken(
        "a text has 1 to 300 characters",
        "messages WHERE length(body) NOT BETWEEN 1 AND 300",
    )
    .await;
}

#[tokio::test]
async fn sizes_are_skewed_and_most_is_read() {
    let database = filled(60, 500, 20_000, 2).await;
    assert!(database.count("conversations WHERE last_seq > 2000").await > 0);
    assert!(database.count("conversations WHERE last_seq <= 20").await > 250);
    let unread = database
        .count(
            "members b JOIN conversations c ON c.id = b.conversation_id
              WHERE b.read_seq < c.last_seq",
        )
        .await;
    assert!((40..120).contains(&unread), "{unread}");
}

#[tokio::test]
async fn made_up_people_are_not_added_a_second_time() {
    let database = filled(3, 1, 5, 1).await;
    let before = database.dump().await;
    let plan = Plan::new(3, 1, 5, 2).unwrap();
    let error = store(&database.store().await, &plan).await.unwrap_err();
    assert!(
        error.to_string().contains("cargo xtask migrate fresh"),
        "{error}"
    );
    assert_eq!(database.dump().await, before);
}

#[tokio::test]
async fn people_alone_are_possible() {
    let database = filled(2, 0, 0, 1).await;
    assert_eq!(database.count("users").await, 2);
    assert_eq!(database.count("conversations").await, 0);
}
