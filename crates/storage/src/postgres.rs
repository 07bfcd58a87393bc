//! How `PostgreSQL` is opened.

mod connections;

use std::future::Future;
use std::time::Duration;

use sea_orm::sqlx::Connection as _;
use sea_orm::{ConnectOptions, Database, DbErr};
use tokio::time::timeout;

use crate::failure::Failure;

pub(crate) use connections::Connections;
use connections::{failed, silent};

/// Enough to keep a database busy; more would only wait there instead of here. Most of them are
/// kept for single statements ([`connections::MOST`]), the others are for transactions.
pub(crate) const CONNECTIONS: u32 = 20;
/// How long a query waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// No statement of ours needs a hundredth of it, so whatever reaches it is stuck.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take on the way: the server gives up a statement before.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(11);
/// How long the shortest question may take, whether a connection works.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// A connection idle for so long is tried before it is used: the server may have gone meanwhile.
const TRY_AFTER_IDLE: Duration = Duration::from_secs(1);

/// Opens the pool, and one connection of it.
pub(crate) async fn open(url: &str) -> Result<Connections, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .min_connections(1)
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .statement_timeout(STATEMENT_TIMEOUT)
        .set_application_name("jbl-chat")
        .test_before_acquire_if_idle_for(TRY_AFTER_IDLE)
        .sqlx_logging(false)
        .map_sqlx_postgres_pool_opts(|pool| {
            // A connection that comes back is asked whether it works. By itself the pool would wait
            // for ever for an answer, and have one connection less.
            pool.after_release(|connection, _| {
                Box::pin(async {
                    let works = timeout(PING_TIMEOUT, connection.ping()).await;
                    works.map_err(|_elapsed| silent())??;
                    Ok(true)
                })
            })
        });
    Ok(Connections::of(Database::connect(options).await?))
}

/// Does this, and gives it up when the server is silent. What was begun is not committed then, or
/// nobody knows.
pub(crate) async fn in_time<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let done = timeout(ANSWER_TIMEOUT, work).await;
    done.map_err(|_elapsed| failed(silent()))?
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    use super::*;

    #[tokio::test]
    async fn connections_are_set_up() {
        let server = std::env::var("TEST_POSTGRES_URL").expect(
            "TEST_POSTGRES_URL names no PostgreSQL server: run `cargo xtask test`, which brings \
            one up",
        );
        let db = open(&server).await.unwrap();
        for (name, expected) in [
            ("statement_timeout", "10s"),
            ("synchronous_commit", "on"),
            ("default_transaction_isolation", "read committed"),
        ] {
            let statement = Statement::from_string(DbBackend::Postgres, format!("SHOW {name}"));
            let row = db.pool().query_one_raw(statement).await.unwrap().unwrap();
            let value: String = row.try_get_by_index(0).unwrap();
            assert_eq!(value, expected, "{name}");
        }
    }
}
