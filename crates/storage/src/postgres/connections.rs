//! Connections to PostgreSQL that are kept at hand.
//!
//! The driver's pool asks the server whether a connection still works each time one is given back, in
//! a task of its own: every statement then costs two round trips. So those that single statements
//! run on are taken out of it for good.
//!
//! A network may lose a connection without telling anybody; then nothing ever comes of what is asked over it, for
//! a quarter of an hour or more. So every wait here has an end, and what reaches it is dropped: the pool
//! opens another one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::{PgArguments, PgPool, PgRow};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{Connection as _, Error as SqlxError, Postgres, query};
use sea_orm::{DatabaseConnection, DbErr, QueryResult, RuntimeErr, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{ACQUIRE_TIMEOUT, ANSWER_TIMEOUT, PING_TIMEOUT};
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
    free: Arc<Semaphore>,
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
            free: Arc::new(Semaphore::new(MOST)),
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
        let idle = pool.num_idle() + self.kept.idle().len();
        (open.saturating_sub(idle), idle)
    }

    /// Closes those at hand, and the pool.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        self.kept.close();
        Ok(self.pool.close().await?)
    }

    async fn with_one<T>(
        &self,
        work: impl AsyncFnOnce(&mut PoolConnection<Postgres>) -> Result<T, SqlxError>,
    ) -> Result<T, Failure> {
        tracing::trace!(target: "storage::round_trip", "given to PostgreSQL");
        let permit = timeout(ACQUIRE_TIMEOUT, self.kept.free.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| failed(SqlxError::PoolTimedOut))?;
        let permit = permit.map_err(|_| Failure::Closed)?;
        let mut lent = Lent {
            connection: Some(self.take().await.map_err(failed)?),
            kept: Arc::clone(&self.kept),
            permit: Some(permit),
        };
        // It is there until it is given back.
        let connection = lent.connection.as_mut().ok_or(Failure::Closed)?;
        let done = timeout(ANSWER_TIMEOUT, work(connection)).await;
        match done {
            Ok(Ok(done)) => {
                lent.give_back();
                Ok(done)
            }
            // It works: the server has answered that it does not do this.
            Ok(Err(error @ SqlxError::Database(_))) => Err(failed(error)),
            Ok(Err(error)) => {
                lent.drop_connection();
                Err(failed(error))
            }
            Err(_elapsed) => {
                lent.drop_connection();
                Err(failed(silent()))
            }
        }
    }

    /// The one that was used last, as it is most likely to work.
    async fn take(&self) -> Result<PoolConnection<Postgres>, SqlxError> {
        let idle = self.kept.idle().pop();
        if let Some(mut idle) = idle {
            if idle.since.elapsed() < TRY_AFTER_IDLE || works(&mut idle.connection).await {
                return Ok(idle.connection);
            }
            // The others have been idle for longer. They are dropped as they are: there is no use in
            // taking leave of a server that is gone.
            let others = std::mem::take(&mut *self.kept.idle());
            for Idle { connection, .. } in others.into_iter().chain([idle]) {
                drop(connection.detach());
            }
        }
        self.sqlx_pool().acquire().await
    }

    fn sqlx_pool(&self) -> &PgPool {
        self.pool.get_postgres_connection_pool()
    }
}

impl Kept {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        // Nothing that holds it can fail half-way.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, connection: PoolConnection<Postgres>) {
        let since = Instant::now();
        let mut idle = self.idle();
        // Afterwards it would stay here, and the pool wait for it.
        if !self.free.is_closed() {
            idle.push(Idle { connection, since });
        }
    }

    fn close(&self) {
        let mut idle = self.idle();
        self.free.close();
        idle.clear();
    }
}

/// A connection that a statement runs on, and the place that it takes.
struct Lent {
    connection: Option<PoolConnection<Postgres>>,
    kept: Arc<Kept>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Lent {
    fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            self.kept.keep(connection);
        }
    }

    fn drop_connection(mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

impl Drop for Lent {
    /// Nobody waited for the end, or the statement failed: the next one may come when the server has
    /// answered all that it was asked.
    fn drop(&mut self) {
        let (Some(mut connection), Some(permit)) = (self.connection.take(), self.permit.take())
        else {
            return;
        };
        let kept = Arc::clone(&self.kept);
        tokio::spawn(async move {
            if works(&mut connection).await {
                kept.keep(connection);
            } else {
                drop(connection.detach());
            }
            drop(permit);
        });
    }
}

async fn works(connection: &mut PoolConnection<Postgres>) -> bool {
    matches!(timeout(PING_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}

/// No answer came in time.
pub(super) fn silent() -> SqlxError {
    SqlxError::Io(std::io::ErrorKind::TimedOut.into())
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

pub(super) fn failed(error: SqlxError) -> Failure {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))).into()
}
