//! `migrations`, and what a store does without them.

use domain::StoreError;
use domain::conversations::Positions;
use migrations::sea_orm_migration::MigratorTrait;
use migrations::sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use migrations::{Migrator, Step};
use storage::Store;

use crate::people::*;
use crate::place::{Place, on_both};

async fn the_schema_goes_down_and_up_again(place: Place) {
    let db = place.connection().await;
    assert!(migrations::is_current(&db).await.unwrap());
    Migrator::down(&db, None).await.unwrap();
    assert!(!migrations::is_current(&db).await.unwrap());
    let applied = |steps: Vec<Step>| steps.iter().filter(|step| step.applied).count();
    assert_eq!(applied(migrations::status(&db).await.unwrap()), 0);
    Migrator::up(&db, Some(1)).await.unwrap();
    assert_eq!(applied(migrations::status(&db).await.unwrap()), 1);
    assert!(!migrations::is_current(&db).await.unwrap());
    Migrator::up(&db, None).await.unwrap();
    assert!(migrations::is_current(&db).await.unwrap());

    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    assert_eq!(send(&store, &message(&mary, &john, "hi")).await.seq, seq(1));
}

async fn messages_are_numbered_from_one_again_once_they_are_gone(place: Place) {
    let (mary, john) = {
        let store = place.store().await;
        let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
        send(&store, &message(&mary, &john, "gone")).await;
        send(&store, &message(&john, &mary, "gone too")).await;
        store.close().await.unwrap();
        (mary, john)
    };
    let db = place.connection().await;
    down_to(&db, 3).await;
    Migrator::up(&db, None).await.unwrap();

    let store = place.store().await;
    assert_eq!(inbox(&store, &mary).await, []);
    let sent = send(&store, &message(&john, &mary, "hi")).await;
    assert_eq!(sent.seq, seq(1));
    assert_eq!(newest(&store, &mary, &john).await, [sent]);
}

async fn rows_survive_the_steps_after_theirs(place: Place) {
    let db = place.connection().await;
    down_to(&db, 4).await;
    // As the schema was before anything was delivered or anybody present.
    let id = |n: u8| match db.get_database_backend() {
        DbBackend::Postgres => format!("'00000000-0000-0000-0000-0000000000{n:02}'"),
        _ => format!("x'000000000000000000000000000000{n:02}'"),
    };
    let (mary, john, talk) = (id(1), id(2), id(3));
    for sql in [
        format!(
            "INSERT INTO users VALUES ({mary}, 'mary', 'mary', 'Mary', 'mary', '$', 1, 2, NULL)"
        ),
        format!(
            "INSERT INTO users VALUES ({john}, 'john', 'john', 'John', 'john', '$', 1, NULL, NULL)"
        ),
        format!("INSERT INTO conversations VALUES ({talk}, {mary}, {john}, 1, 5)"),
        format!("INSERT INTO members VALUES ({mary}, {talk}, 1, 5), ({john}, {talk}, 0, 5)"),
        format!(
            "INSERT INTO messages VALUES ({talk}, 1, {}, {}, {mary}, 'kept', 5)",
            id(4),
            id(5)
        ),
    ] {
        db.execute_unprepared(&sql).await.unwrap();
    }
    Migrator::up(&db, None).await.unwrap();

    let store = place.store().await;
    let users = store.users();
    let john = users
        .find_by_username(&name("john"))
        .await
        .unwrap()
        .unwrap();
    let mary = users
        .find_by_username(&name("mary"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((mary.last_seen_at, mary.present_at), (Some(at(2)), None));
    assert!(mary.read_receipts);
    let found = with(&store, &john, &mary).await;
    assert_eq!(found.mine, Positions::new(seq(0), seq(0)));
    assert_eq!(found.peers, Positions::new(seq(1), seq(1)));
    assert_eq!(newest(&store, &john, &mary).await[0].body.as_str(), "kept");
    assert_eq!(store.sessions().list_ended(at(0)).await.unwrap(), []);
}

/// Undoes all but the first `steps`.
async fn down_to(db: &DatabaseConnection, steps: usize) {
    let undone = Migrator::migrations().len() - steps;
    let undone = Some(u32::try_from(undone).unwrap());
    Migrator::down(db, undone).await.unwrap();
}

async fn a_database_that_was_never_migrated_is_not_current(place: Place) {
    let db = place.connection().await;
    Migrator::reset(&db).await.unwrap();
    assert!(!migrations::is_current(&db).await.unwrap());
    let steps = migrations::status(&db).await.unwrap();
    assert_eq!(steps.len(), Migrator::migrations().len());
    assert!(steps.iter().all(|step| !step.applied));
    // Asking has made no table either.
    let table = Migrator::migration_table_name().to_string();
    let sql = format!("SELECT 1 FROM {table}");
    assert!(db.execute_unprepared(&sql).await.is_err());

    let store = place.store().await;
    assert!(matches!(store.ping().await, Err(StoreError::Broken(_))));
}

async fn a_schema_of_a_newer_program_is_not_current(place: Place) {
    let db = place.connection().await;
    let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    db.execute_unprepared(sql).await.unwrap();
    assert!(!migrations::is_current(&db).await.unwrap());
}

async fn a_store_answers_and_says_whether_there_are_users(place: Place) {
    let store = place.store().await;
    store.ping().await.unwrap();
    assert!(!store.has_users().await.unwrap());
    add(&store, "mary").await;
    disable(&store, "mary").await;
    assert!(store.has_users().await.unwrap());
}

async fn a_closed_store_is_unavailable(place: Place) {
    let store = place.store().await;
    let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
    store.clone().close().await.unwrap();
    let sent = store.messages().append(&message(&mary, &john, "x")).await;
    assert!(matches!(sent, Err(StoreError::Unavailable(_))), "{sent:?}");
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unavailable(_))
    ));
}

on_both! {
    the_schema_goes_down_and_up_again,
    messages_are_numbered_from_one_again_once_they_are_gone,
    rows_survive_the_steps_after_theirs,
    a_database_that_was_never_migrated_is_not_current,
    a_schema_of_a_newer_program_is_not_current,
    a_store_answers_and_says_whether_there_are_users,
    a_closed_store_is_unavailable,
}

#[tokio::test]
async fn a_url_of_some_other_database_is_refused() {
    for url in ["", "mysql://localhost/chat", "chat.db", "sqlite::memory:"] {
        assert!(Store::open(url).await.is_err(), "{url}");
    }
}
