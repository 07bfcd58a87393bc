//! Who writes to `SQLite`.
//!
//! `SQLite` has one lock for all writers and an fsync for each commit. So one thread does the writes
//! that come all the time, sends and positions: it takes all that wait at the moment and does them
//! in one transaction, so that the fsync is shared. It does not wait for more to come; while one
//! commit goes on, the next one gathers. Writes that are rare and of several steps are done by a
//! task through sea-orm, as on `PostgreSQL`; the two take turns, so that nobody in this process ever
//! waits for the lock of the database.
//!
//! Each answer is given after the commit that made it true. A write that fails does not take the
//! others along: each has a savepoint of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use domain::messages::{Appended, NewMessage};
use rusqlite::{Connection, TransactionBehavior};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait, Value,
};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::database::Writing;
use crate::failure::Failure;
use crate::figures::Commits;
use crate::messages::sqlite::append;
use crate::sqlite::bind;

/// The most writes in one commit.
const MOST_A_COMMIT: usize = 256;
/// The most writes that wait in line; who comes after waits to get in line.
const MOST_IN_LINE: usize = 1024;

/// A handle to the thread and the task; they end when the last one is dropped, having done what
/// waits.
#[derive(Clone)]
pub(crate) struct Writer {
    orders: mpsc::Sender<Order>,
    works: mpsc::Sender<Work>,
    commits: Arc<Commits>,
}

type Reply<T> = oneshot::Sender<Result<T, Failure>>;

/// For the thread.
enum Order {
    Do(Job),
    Close(oneshot::Sender<()>),
}

enum Job {
    Append(Box<NewMessage>, Reply<Appended>),
    Execute(&'static str, Vec<Value>, Reply<u64>),
}

/// For the task.
enum Work {
    Run(Box<dyn for<'a> FnOnce(&'a DatabaseConnection) -> Running<'a> + Send>),
    Close(oneshot::Sender<()>),
}
type Running<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl Writer {
    /// Starts the thread and the task, each on its connection.
    pub(crate) fn start(connection: Connection, db: DatabaseConnection) -> Result<Self, Failure> {
        let turn = Arc::new(Mutex::new(()));
        let commits = Arc::new(Commits::default());
        let (orders, line) = mpsc::channel(MOST_IN_LINE);
        let (turns, counts) = (Arc::clone(&turn), Arc::clone(&commits));
        thread::Builder::new()
            .name("sqlite-write".to_owned())
            .spawn(move || write(connection, line, &turns, &counts))
            .map_err(|error| DbErr::Conn(RuntimeErr::Internal(error.to_string())))?;
        let (works, line) = mpsc::channel(MOST_IN_LINE);
        tokio::spawn(work(db, line, turn, Arc::clone(&commits)));
        Ok(Self {
            orders,
            works,
            commits,
        })
    }

    /// Stores a message as `MessageRepository::append` promises.
    pub(crate) async fn append(&self, message: NewMessage) -> Result<Appended, Failure> {
        let (reply, outcome) = oneshot::channel();
        let job = Job::Append(Box::new(message), reply);
        self.order(Order::Do(job)).await?;
        outcome.await.map_err(|_| Failure::Closed)?
    }

    /// Does this statement and says how many rows it changed.
    pub(crate) async fn execute(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, Failure> {
        let (reply, outcome) = oneshot::channel();
        let job = Job::Execute(sql, values, reply);
        self.order(Order::Do(job)).await?;
        outcome.await.map_err(|_| Failure::Closed)?
    }

    /// Does this work in a transaction and commits it.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a DatabaseTransaction) -> Writing<'a, T> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let run = Work::Run(Box::new(move |db| {
            Box::pin(async move {
                // Who asked may have gone; the write stands.
                let _gone = reply.send(transact(db, work).await);
            })
        }));
        let sent = self.works.send(run).await;
        sent.map_err(|_| Failure::Closed)?;
        outcome.await.map_err(|_| Failure::Closed)?
    }

    /// What is counted of the commits.
    pub(crate) fn commits(&self) -> &Commits {
        &self.commits
    }

    /// How many writes stand in line.
    pub(crate) fn waiting(&self) -> usize {
        let orders = self.orders.max_capacity() - self.orders.capacity();
        let works = self.works.max_capacity() - self.works.capacity();
        orders + works
    }

    /// Does what waits, writes the log back into the database file, and ends.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        let (reply, closed) = oneshot::channel();
        self.order(Order::Close(reply)).await?;
        closed.await.map_err(|_| Failure::Closed)?;
        let (reply, closed) = oneshot::channel();
        let sent = self.works.send(Work::Close(reply)).await;
        sent.map_err(|_| Failure::Closed)?;
        closed.await.map_err(|_| Failure::Closed)
    }

    async fn order(&self, order: Order) -> Result<(), Failure> {
        self.orders.send(order).await.map_err(|_| Failure::Closed)
    }
}

fn write(
    mut connection: Connection,
    mut line: mpsc::Receiver<Order>,
    turn: &Mutex<()>,
    commits: &Commits,
) {
    let mut orders = Vec::with_capacity(MOST_A_COMMIT);
    let mut closing = Vec::new();
    while line.blocking_recv_many(&mut orders, MOST_A_COMMIT) > 0 {
        let mut jobs = Vec::with_capacity(orders.len());
        for order in orders.drain(..) {
            match order {
                Order::Do(job) => jobs.push(job),
                Order::Close(reply) => {
                    line.close();
                    closing.push(reply);
                }
            }
        }
        if !jobs.is_empty() {
            let _turn = turn.blocking_lock();
            let (writes, begun) = (jobs.len(), Instant::now());
            commit(&mut connection, jobs);
            commits.count(writes, begun.elapsed());
        }
    }
    drop(connection);
    for reply in closing {
        let _gone = reply.send(());
    }
}

/// One commit, and all answers.
fn commit(connection: &mut Connection, jobs: Vec<Job>) {
    let mut done = Vec::with_capacity(jobs.len());
    let committed = transaction(connection, jobs, &mut done);
    for done in done {
        done.answer(committed.clone());
    }
}

/// After an error nothing was done.
fn transaction(
    connection: &mut Connection,
    jobs: Vec<Job>,
    done: &mut Vec<Done>,
) -> Result<(), Failure> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let mut begun = begun.map_err(Failure::from);
    for job in jobs {
        let outcome = match &begun {
            Ok(tx) => job.run(tx),
            Err(failure) => job.fail(failure.clone()),
        };
        // It cannot go on; dropped, it is rolled back, or it is already.
        if let Ok(tx) = &begun
            && let Some(failure) = outcome.failure()
            && (failure.is_unavailable() || tx.is_autocommit())
        {
            begun = Err(failure.clone());
        }
        done.push(outcome);
    }
    Ok(begun?.commit()?)
}

impl Job {
    fn run(self, tx: &Connection) -> Done {
        match self {
            Self::Append(message, reply) => {
                Done::Append(in_savepoint(tx, || append(tx, &message)), reply)
            }
            Self::Execute(sql, values, reply) => {
                Done::Execute(in_savepoint(tx, || execute(tx, sql, &values)), reply)
            }
        }
    }

    fn fail(self, failure: Failure) -> Done {
        match self {
            Self::Append(_, reply) => Done::Append(Err(failure), reply),
            Self::Execute(.., reply) => Done::Execute(Err(failure), reply),
        }
    }
}

/// A write that was done, and whose commit is to come.
enum Done {
    Append(Result<Appended, Failure>, Reply<Appended>),
    Execute(Result<u64, Failure>, Reply<u64>),
}

impl Done {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Append(outcome, _) => outcome.as_ref().err(),
            Self::Execute(outcome, _) => outcome.as_ref().err(),
        }
    }

    fn answer(self, committed: Result<(), Failure>) {
        // Who asked may have gone; the write stands.
        match self {
            Self::Append(outcome, reply) => drop(reply.send(committed.and(outcome))),
            Self::Execute(outcome, reply) => drop(reply.send(committed.and(outcome))),
        }
    }
}

fn in_savepoint<T>(
    tx: &Connection,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let step = |sql| tx.prepare_cached(sql)?.execute([]);
    step("SAVEPOINT one")?;
    let done = work();
    // A full disk among others undoes the whole transaction, and the savepoint with it.
    if tx.is_autocommit() {
        return done;
    }
    if done.is_err() {
        step("ROLLBACK TO one")?;
    }
    step("RELEASE one")?;
    done
}

fn execute(tx: &Connection, sql: &str, values: &[Value]) -> Result<u64, Failure> {
    let mut statement = tx.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    let changed = statement.raw_execute()?;
    Ok(changed.try_into().unwrap_or(u64::MAX))
}

async fn work(
    db: DatabaseConnection,
    mut line: mpsc::Receiver<Work>,
    turn: Arc<Mutex<()>>,
    commits: Arc<Commits>,
) {
    let mut closing = Vec::new();
    while let Some(work) = line.recv().await {
        match work {
            Work::Run(run) => {
                let _turn = turn.lock().await;
                let begun = Instant::now();
                run(&db).await;
                commits.count(1, begun.elapsed());
            }
            Work::Close(reply) => {
                line.close();
                closing.push(reply);
            }
        }
    }
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    if let Err(error) = db.execute_unprepared(checkpoint).await {
        tracing::warn!(%error, "the log was not written back; the next start reads it");
    }
    if let Err(error) = db.close().await {
        tracing::warn!(%error, "the database was not closed");
    }
    for reply in closing {
        let _gone = reply.send(());
    }
}

async fn transact<T, W>(db: &DatabaseConnection, work: W) -> Result<T, Failure>
where
    W: for<'a> FnOnce(&'a DatabaseTransaction) -> Writing<'a, T>,
{
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(immediate).await?;
    // Dropped on failure, it rolls back.
    let done = work(&tx).await?;
    tx.commit().await?;
    Ok(done)
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
