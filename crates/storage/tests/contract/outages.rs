//! A database that is away for a while.

use domain::StoreError;
use domain::messages::Appended;
use migrations::sea_orm_migration::sea_orm::ConnectionTrait;

use crate::people::*;
use crate::place::{on_postgres, on_sqlite};

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn while_another_process_writes_sends_wait_and_reads_go_on() {
        on_sqlite(async |place| {
            let store = place.store().await;
            let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
            let new = message(&mary, &john, "waits");
            let other = place.connection().await;
            other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
            let sending = {
                let (messages, new) = (store.messages(), new.clone());
                tokio::spawn(async move { messages.append(&new).await })
            };
            assert_eq!(newest(&store, &mary, &john).await, []);
            other.execute_unprepared("COMMIT").await.unwrap();
            assert!(matches!(sending.await.unwrap(), Ok(Appended::New(..))));

            // For ever, it does not wait; and what failed left nothing.
            other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
            let late = message(&mary, &john, "late");
            let (sent, ended) = {
                let (messages, sessions, token) = (store.messages(), store.sessions(), token(1));
                tokio::join!(messages.append(&late), sessions.end(&token))
            };
            assert!(matches!(sent, Err(StoreError::Unavailable(_))), "{sent:?}");
            assert!(
                matches!(ended, Err(StoreError::Unavailable(_))),
                "{ended:?}"
            );
            other.execute_unprepared("ROLLBACK").await.unwrap();
            assert_eq!(send(&store, &late).await.seq, seq(2));
        })
        .await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn connections_that_were_cut_are_replaced() {
        on_postgres(async |place| {
            let store = place.store().await;
            let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
            let other = place.connection().await;
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'jbl-chat' AND datname = current_database()";
            other.execute_unprepared(cut).await.unwrap();
            let new = message(&mary, &john, "after all");
            let stored = loop {
                match store.messages().append(&new).await {
                    Ok(Appended::New(message, _) | Appended::Retry(message, _)) => break message,
                    Err(StoreError::Unavailable(_)) => {}
                    other => panic!("{other:?}"),
                }
            };
            assert_eq!(newest(&store, &john, &mary).await, [stored]);
        })
        .await;
    }
}
