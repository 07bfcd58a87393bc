//! A database of a test's own, gone when it ends.

use std::future::Future;
use std::sync::Arc;

use domain::{Clock, Ids, RandomIds, SystemClock};
use migrations::Migrator;
use migrations::sea_orm_migration::MigratorTrait;
use migrations::sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection};
use storage::Store;
use tempfile::TempDir;

/// Where a test's database is.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) url: String,
    folder: Option<Arc<TempDir>>,
}

impl Place {
    /// A new store on this database.
    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// A connection that can do anything.
    pub(crate) async fn connection(&self) -> DatabaseConnection {
        migrations::connect(&self.url).await.unwrap()
    }

    /// The folder of an `SQLite` file.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().unwrap().path()
    }
}

/// Runs a test on a migrated `SQLite` file.
pub(crate) async fn on_sqlite<F: Future<Output = ()>>(promise: impl FnOnce(Place) -> F) {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("chat.db").display());
    let folder = Some(Arc::new(folder));
    let place = Place { url, folder };
    migrate(&place).await;
    promise(place).await;
}

/// Runs a test on a migrated database of the `PostgreSQL` server, and drops it.
pub(crate) async fn on_postgres<F>(promise: impl FnOnce(Place) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let server = std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL names no PostgreSQL server: run `cargo xtask test`, which brings one up",
    );
    let name = format!("test_{}", RandomIds.uuid(SystemClock.now()).simple());
    let admin = migrations::connect(&server).await.unwrap();
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let place = Place {
        url: with_database(&server, &name),
        folder: None,
    };
    migrate(&place).await;
    // In a task of its own, so that a panic waits until the database is dropped.
    let outcome = tokio::spawn(promise(place)).await;
    admin
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
}

async fn migrate(place: &Place) {
    let db = place.connection().await;
    Migrator::up(&db, None).await.unwrap();
    db.close().await.unwrap();
}

/// The URL of another database of the same server.
fn with_database(server: &str, name: &str) -> String {
    let (address, options) = match server.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (server, String::new()),
    };
    let scheme = address.find("://").unwrap() + "://".len();
    let host = match address[scheme..].find('/') {
        Some(slash) => &address[..scheme + slash],
        None => address,
    };
    format!("{host}/{name}{options}")
}

/// Makes a test on each database of each promise.
macro_rules! on_both {
    ($($promise:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    crate::place::on_sqlite(super::$promise).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    crate::place::on_postgres(super::$promise).await;
                }
            )+
        }
    };
}

pub(crate) use on_both;
