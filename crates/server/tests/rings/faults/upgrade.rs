//! From the first schema that held messages to today's and back, with data in it.

use domain::{Clock as _, Ids as _, RandomIds, SystemClock};
use migrations::Migrator;
use migrations::sea_orm_migration::MigratorTrait as _;
use migrations::sea_orm_migration::sea_orm::{ConnectionTrait as _, DatabaseConnection};
use uuid::Uuid;

use super::command::run;
use super::node::Node;
use super::writing::{read, seq_of, stored_after, write};
use crate::support::{Database, PASSWORD, TestClient};

/// How many steps the schema had when its first messages were stored.
const OLD_STEPS: usize = 4;
/// How many messages there are.
const MESSAGES: u64 = 120;
/// Up to where James has read.
const READ: u64 = 100;
/// David's session: its token is 32 times the byte 7, this is the token's SHA-256.
const TOKEN: &str = "0707070707070707070707070707070707070707070707070707070707070707";
const DIGEST: &str = "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0";
/// A hash of [`PASSWORD`], as accounts have that came from elsewhere and never signed in since.
const PASSWORD_HASH: &str = "pbkdf2_sha256$260000$Ih9OybNRxk15fd9Tah60we$\
    MHA1DKTnrPWBaTClQLjB9vm+YJaLmWOK8lnvamj9RP8=";

mod an_old_database_is_refused_then_upgraded_and_goes_back {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let bytes = |hex: &str| format!("x'{hex}'");
        there_and_back(
            Database::sqlite(),
            |id| format!("x'{}'", id.simple()),
            bytes,
        )
        .await;
    }

    #[tokio::test]
    async fn postgres() {
        let bytes = |hex: &str| format!("'\\x{hex}'");
        there_and_back(Database::postgres().await, |id| format!("'{id}'"), bytes).await;
    }
}

/// `id` and `bytes` write values in the words of the database.
async fn there_and_back(database: Database, id: fn(Uuid) -> String, bytes: fn(&str) -> String) {
    let url = database.url();
    let steps = Migrator::migrations().len();
    let behind = format!("{} of {steps} steps behind", steps - OLD_STEPS);
    let db = migrations::connect(&url).await.unwrap();
    Migrator::up(&db, Some(u32::try_from(OLD_STEPS).unwrap()))
        .await
        .unwrap();
    fill(&db, id, bytes).await;

    run(&url, &["serve"])
        .await
        .failed(&[&behind, "run `jbl-chat migrate`"]);
    assert_eq!(
        applied(&db).await,
        OLD_STEPS,
        "what is refused is left as it was"
    );
    let upgraded = run(&url, &["migrate"]).await.succeeded();
    assert_eq!(
        upgraded.matches("applied ").count(),
        steps - OLD_STEPS,
        "{upgraded}"
    );

    let mut node = Node::start(url.clone(), None).await;
    let old = has_all(&node, MESSAGES).await;
    let david = TestClient::new(node.address);
    david.sign_in("davidjones", PASSWORD).await;
    write(&david, "jamessmith", "the first with the new version").await;
    let new = has_all(&node, MESSAGES + 1).await;
    assert_eq!(new[..old.len()], old);
    node.kill();

    for left in (OLD_STEPS..steps).rev() {
        let undone = run(&url, &["migrate", "down"]).await.succeeded();
        assert!(undone.starts_with("undid "), "{undone}");
        assert_eq!(applied(&db).await, left);
    }
    run(&url, &["serve"])
        .await
        .failed(&[&behind, "run `jbl-chat migrate`"]);
    run(&url, &["migrate"]).await.succeeded();
    node.start_again().await;
    assert_eq!(has_all(&node, MESSAGES + 1).await, new);
    node.kill();

    db.close().await.unwrap();
    database.remove().await;
}

/// What David, who is still signed in, reads: all that there was, as it was.
async fn has_all(node: &Node, messages: u64) -> Vec<serde_json::Value> {
    let david = TestClient::holding(node.address, &format!("jbl_session={TOKEN}"));
    let me = read(&david, "/api/v1/session").await.unwrap();
    assert_eq!(me["user"]["username"], "davidjones", "{me}");
    let found = read(&david, "/api/v1/users?q=smith").await.unwrap();
    assert_eq!(found["items"][0]["display_name"], "James Smith", "{found}");

    let conversation = read(&david, "/api/v1/conversations/jamessmith")
        .await
        .unwrap();
    assert_eq!(conversation["peer_read_seq"], READ, "{conversation}");
    assert_eq!(conversation["last_seq"], messages, "{conversation}");
    let history = stored_after(&david, "jamessmith", 0).await.unwrap();
    let numbers: Vec<u64> = history.iter().map(seq_of).collect();
    assert_eq!(numbers, (1..=messages).collect::<Vec<_>>());
    for n in 1..=MESSAGES {
        let message = &history[usize::try_from(n).unwrap() - 1];
        assert_eq!(message["body"], text(n));
        let sender = if n % 2 == 0 {
            "jamessmith"
        } else {
            "davidjones"
        };
        assert_eq!(message["sender"], sender);
    }
    let james = TestClient::new(node.address);
    james.sign_in("jamessmith", PASSWORD).await;
    let inbox = read(&james, "/api/v1/conversations").await.unwrap();
    assert_eq!(inbox["items"][0]["unread"], messages - READ, "{inbox}");
    history
}

fn text(n: u64) -> String {
    format!("{n}: it's \"old\" \u{1f600}\n<b>\\ and kept")
}

async fn applied(db: &DatabaseConnection) -> usize {
    let steps = migrations::status(db).await.unwrap();
    steps.iter().filter(|step| step.applied).count()
}

/// What people had written and read with that version.
async fn fill(db: &DatabaseConnection, id: fn(Uuid) -> String, bytes: fn(&str) -> String) {
    let now = SystemClock.now().unix_millis();
    let new_id = || id(RandomIds.uuid(SystemClock.now()));
    // The members of a conversation are found by the lower one of their ids.
    let (david, james) = (id(Uuid::from_u128(1)), id(Uuid::from_u128(2)));
    let talk = new_id();
    let mut rows = vec![
        format!(
            "INSERT INTO sessions VALUES ({}, {}, {david}, {now}, {now})",
            new_id(),
            bytes(DIGEST)
        ),
        format!("INSERT INTO conversations VALUES ({talk}, {david}, {james}, {MESSAGES}, {now})"),
        format!(
            "INSERT INTO members VALUES ({david}, {talk}, {MESSAGES}, {now}), \
             ({james}, {talk}, {READ}, {now})"
        ),
    ];
    for (key, name, display_name, words) in [
        (&david, "davidjones", "David Jones", ["david", "jones"]),
        (&james, "jamessmith", "James Smith", ["james", "smith"]),
    ] {
        let name_key = display_name.to_lowercase();
        rows.insert(0, format!(
            "INSERT INTO users VALUES ({key}, '{name}', '{name}', '{display_name}', '{name_key}', \
             '{PASSWORD_HASH}', {now}, NULL, NULL)"
        ));
        rows.extend(
            words.map(|word| format!("INSERT INTO user_search_keys VALUES ('{word}', {key})")),
        );
    }
    rows.extend((1..=MESSAGES).map(|n| {
        let sender = if n % 2 == 0 { &james } else { &david };
        let text = text(n).replace('\'', "''");
        format!(
            "INSERT INTO messages VALUES ({talk}, {n}, {}, {}, {sender}, '{text}', {now})",
            new_id(),
            new_id()
        )
    }));
    for row in rows {
        db.execute_unprepared(&row).await.unwrap();
    }
}
