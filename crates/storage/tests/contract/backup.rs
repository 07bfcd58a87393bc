//! Copies of a running database.

use storage::{BackupError, Store};

use crate::people::*;
use crate::place::{on_postgres, on_sqlite};

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_copy_is_whole_while_others_write() {
        on_sqlite(async |place| {
            let store = place.store().await;
            let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
            send(&store, &message(&mary, &john, "before")).await;
            let writing = {
                let (store, mary, john) = (store.clone(), mary.clone(), john.clone());
                tokio::spawn(async move {
                    for _ in 0..100 {
                        send(&store, &message(&mary, &john, "meanwhile")).await;
                    }
                })
            };
            let file = place.folder().join("copy.db");
            store.backup(&file).await.unwrap();
            writing.await.unwrap();

            let copy = Store::open(&format!("sqlite://{}", file.display())).await;
            let copy = copy.unwrap();
            let copied = with(&copy, &john, &mary).await;
            let read = newest(&copy, &john, &mary).await;
            assert_eq!(read.last().map(|one| one.seq), Some(copied.last_seq));
            assert_eq!(read[0].body.as_str(), "before");
            assert_eq!(
                send(&copy, &message(&john, &mary, "on")).await.seq.get(),
                copied.last_seq.get() + 1
            );
        })
        .await;
    }

    #[tokio::test]
    async fn no_file_is_overwritten_and_none_is_left_behind() {
        on_sqlite(async |place| {
            let store = place.store().await;
            let file = place.folder().join("precious");
            std::fs::write(&file, "precious").unwrap();
            let refused = store.backup(&file).await;
            assert!(matches!(refused, Err(BackupError::FileExists(_))));
            assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
            let nowhere = place.folder().join("no such folder").join("copy.db");
            let refused = store.backup(&nowhere).await;
            assert!(matches!(refused, Err(BackupError::File(..))));

            // The database is gone, so that nothing can be copied.
            std::fs::remove_file(place.folder().join("chat.db")).unwrap();
            let file = place.folder().join("copy.db");
            let failed = store.backup(&file).await;
            assert!(matches!(failed, Err(BackupError::Store(_))), "{failed:?}");
            assert!(!file.exists());
        })
        .await;
    }

    #[tokio::test]
    async fn opening_makes_no_file() {
        on_sqlite(async |place| {
            let file = place.folder().join("other.db");
            let opened = Store::open(&format!("sqlite://{}", file.display())).await;
            assert!(matches!(
                opened.err(),
                Some(domain::StoreError::Unavailable(_))
            ));
            assert!(!file.exists());
        })
        .await;
    }

    #[tokio::test]
    async fn migrating_makes_the_file_and_its_folders() {
        on_sqlite(async |place| {
            let file = place.folder().join("a").join("b").join("chat.db");
            let url = format!("sqlite://{}", file.display());
            migrations::connect(&url).await.unwrap();
            assert!(file.exists());
        })
        .await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_on_the_machine_may_read_a_file_with_messages() {
        use std::os::unix::fs::PermissionsExt;
        on_sqlite(async |place| {
            let store = place.store().await;
            let (mary, john) = (add(&store, "mary").await, add(&store, "john").await);
            send(&store, &message(&mary, &john, "private")).await;
            let copy = place.folder().join("copy.db");
            store.backup(&copy).await.unwrap();
            for file in ["chat.db", "chat.db-wal", "chat.db-shm", "copy.db"] {
                let metadata = std::fs::metadata(place.folder().join(file)).unwrap();
                assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
            }
        })
        .await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test]
    async fn its_own_tool_makes_copies() {
        on_postgres(async |place| {
            let store = place.store().await;
            let refused = store.backup(std::path::Path::new("/nowhere/copy")).await;
            assert!(matches!(refused, Err(BackupError::NotSqlite)));
        })
        .await;
    }
}
