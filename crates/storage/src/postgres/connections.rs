//! Connections to PostgreSQL that are kept at hand.
//!
//! The driver's pool asks the server whether a connection still works each time one is given back, in
//! a task of its own: every statement then costs two round trips. So those that single statements
//! run on are taken out of it for good. One on which a statement failed goes back to the pool, which finds out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::{PgArguments, PgPool, PgRow};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{Connection as _, Error as SqlxError, Postgres, query};
use sea_orm::{DatabaseConnection, DbErr, QueryResult, RuntimeErr, Value};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::ACQUIRE_TIMEOUT;
use crate::failure::Failure;

/// How many there are at most: fewer than the pool has, which the others are left for.
pub(super) const MOST: usize = 16;
/// A connection idle for so long is tried before it is used: the server may have gone meanwhile.
const TRY_AFTER_IDLE: Duration = Duration::from_secs(1);

/// A handle to the connections, and to the pool.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: DatabaseConnection,
    kept: Arc<Kept>,
}

struct Kept {
    free: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Connections {
    /// Takes them out of this pool as they are needed.
    pub(super) fn of(pool: DatabaseConnection) -> Self {
        let kept = Kept {
            free: Semaphore::new(MOST),
            idle: Mutex::default(),
        };
        let kept = Arc::new(kept);
        Self { pool, kept }
    }

    /// For transactions, and all else that takes several statements on one connection.
    pub(crate) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Runs a statement and gives the rows it returns.
    pub(crate) async fn query(
        &self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<QueryResult>, Failure> {
        let statement = bound(sql, values)?;
        let rows = self.with_one(async |connection| statement.fetch_all(&mut **connection).await);
        Ok(rows.await?.into_iter().map(PgRow::into).collect())
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) async fn execute(
        &self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<u64, Failure> {
        let statement = bound(sql, values)?;
        let done = self.with_one(async |connection| statement.execute(&mut **connection).await);
        Ok(done.await?.rows_affected())
    }

    /// How many are in use, and how many are open and idle.
    pub(crate) fn in_use_and_idle(&self) -> (usize, usize) {
        let pool = self.sqlx_pool();
        let open = usize::try_from(pool.size()).unwrap_or(usize::MAX);
        // To the pool, those at hand are in use.
        let idle = pool.num_idle() + self.idle().len();
        (open.saturating_sub(idle), idle)
    }

    /// Closes those at hand, and the pool.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        self.kept.free.close();
        self.idle().clear();
        Ok(self.pool.close().await?)
    }

    async fn with_one<T>(
        &self,
        work: impl AsyncFnOnce(&mut PoolConnection<Postgres>) -> Result<T, SqlxError>,
    ) -> Result<T, Failure> {
        tracing::trace!(target: "storage::round_trip", "given to PostgreSQL");
        let permit = timeout(ACQUIRE_TIMEOUT, self.kept.free.acquire()).await;
        let permit = permit.map_err(|_| failed(SqlxError::PoolTimedOut))?;
        let _permit = permit.map_err(|_| Failure::Closed)?;
        let mut connection = self.take().await.map_err(failed)?;
        // Should nobody wait for the end, the connection goes back to the pool as well.
        let done = work(&mut connection).await.map_err(failed)?;
        let since = Instant::now();
        self.idle().push(Idle { connection, since });
        Ok(done)
    }

    /// The one that was used last, as it is most likely to work.
    async fn take(&self) -> Result<PoolConnection<Postgres>, SqlxError> {
        loop {
            let idle = self.idle().pop();
            let Some(mut idle) = idle else {
                return self.sqlx_pool().acquire().await;
            };
            let works =
                idle.since.elapsed() < TRY_AFTER_IDLE || idle.connection.ping().await.is_ok();
            if works {
                return Ok(idle.connection);
            }
        }
    }

    fn sqlx_pool(&self) -> &PgPool {
        self.pool.get_postgres_connection_pool()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        // Nothing that holds it can fail half-way.
        let idle = self.kept.idle.lock();
        idle.unwrap_or_else(PoisonError::into_inner)
    }
}

/// A statement whose parameters `$1`, `$2`, … have these values.
fn bound<'a>(
    sql: &'static str,
    values: &'a [Value],
) -> Result<Query<'a, Postgres, PgArguments>, Failure> {
    values.iter().try_fold(query(sql), |statement, value| {
        Ok(match value {
            Value::BigInt(number) => statement.bind(*number),
            Value::String(text) => statement.bind(text.as_deref()),
            Value::Bytes(bytes) => statement.bind(bytes.as_deref()),
            Value::Uuid(id) => statement.bind(*id),
            other => {
                let why = format!("{other:?} is no value of ours");
                return Err(Failure::Row {
                    what: "parameter",
                    why,
                });
            }
        })
    })
}

fn failed(error: SqlxError) -> Failure {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))).into()
}
