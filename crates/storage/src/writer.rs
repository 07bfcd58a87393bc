//! The one task that writes to `SQLite`.
//!
//! `SQLite` has one lock for all writers and an fsync for each commit. So one task owns the one
//! connection that writes, takes all writes that wait at the moment and does them in one
//! transaction: nobody in this process ever waits for a lock, and the fsync is shared. It does
//! not wait for more to come; while one commit goes on, the next one gathers.
//!
//! Each answer is given after the commit that made it true. A write that fails does not take the
//! others along: sends are stored by a few statements for all of them, and one by one when those
//! fail; every other write has a savepoint of its own.

use std::future::Future;
use std::pin::Pin;

use domain::messages::{Appended, NewMessage};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::database::Writing;
use crate::failure::Failure;
use crate::messages::sqlite::append_all;

/// The most writes in one commit.
const MOST_A_COMMIT: usize = 256;
/// The most writes that wait in line; who comes after waits to get in line.
const MOST_IN_LINE: usize = 1024;

/// A handle to the task; it ends when the last one is dropped, having done what waits.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
}

enum Job {
    Append(NewMessage, oneshot::Sender<Result<Appended, Failure>>),
    Run(Work),
    Close(oneshot::Sender<()>),
}

/// A write, given its transaction or why there is none.
type Work = Box<dyn for<'a> FnOnce(Result<&'a DatabaseTransaction, Failure>) -> Working<'a> + Send>;
type Working<'a> = Pin<Box<dyn Future<Output = Worked> + Send + 'a>>;

/// A write that was done, and whose commit is to come.
struct Worked {
    /// Set when the transaction cannot go on.
    lost: Option<Failure>,
    /// Told whether the commit succeeded, it answers who asked.
    answer: Box<dyn FnOnce(Result<(), Failure>) + Send>,
}

impl Writer {
    /// Starts the task on this connection.
    pub(crate) fn start(db: DatabaseConnection) -> Self {
        let (jobs, line) = mpsc::channel(MOST_IN_LINE);
        tokio::spawn(write(db, line));
        Self { jobs }
    }

    /// Stores a message as `MessageRepository::append` promises.
    pub(crate) async fn append(&self, message: NewMessage) -> Result<Appended, Failure> {
        let (reply, outcome) = oneshot::channel();
        self.put(Job::Append(message, reply)).await?;
        outcome.await.map_err(|_| Failure::Closed)?
    }

    /// Does this work in a transaction and commits it.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a DatabaseTransaction) -> Writing<'a, T> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let work: Work = Box::new(move |tx| {
            Box::pin(async move {
                let done = match tx {
                    Ok(tx) => in_savepoint(tx, work).await,
                    Err(failure) => Err(failure),
                };
                Worked {
                    lost: done.as_ref().err().filter(|f| f.is_unavailable()).cloned(),
                    answer: Box::new(move |committed| {
                        // Who asked may have gone; the write stands.
                        let _gone = reply.send(committed.and(done));
                    }),
                }
            })
        });
        self.put(Job::Run(work)).await?;
        outcome.await.map_err(|_| Failure::Closed)?
    }

    /// Does what waits, writes the log back into the database file, and ends the task.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        let (reply, closed) = oneshot::channel();
        self.put(Job::Close(reply)).await?;
        closed.await.map_err(|_| Failure::Closed)
    }

    async fn put(&self, job: Job) -> Result<(), Failure> {
        self.jobs.send(job).await.map_err(|_| Failure::Closed)
    }
}

async fn write(db: DatabaseConnection, mut line: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MOST_A_COMMIT);
    let mut closing = Vec::new();
    while line.recv_many(&mut jobs, MOST_A_COMMIT).await > 0 {
        let (mut messages, mut replies, mut works) = (Vec::new(), Vec::new(), Vec::new());
        for job in jobs.drain(..) {
            match job {
                Job::Append(message, reply) => {
                    messages.push(message);
                    replies.push(reply);
                }
                Job::Run(work) => works.push(work),
                Job::Close(reply) => {
                    line.close();
                    closing.push(reply);
                }
            }
        }
        if !messages.is_empty() || !works.is_empty() {
            commit(&db, &messages, replies, works).await;
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

/// One commit, and all answers.
async fn commit(
    db: &DatabaseConnection,
    messages: &[NewMessage],
    replies: Vec<oneshot::Sender<Result<Appended, Failure>>>,
    works: Vec<Work>,
) {
    let mut worked = Vec::with_capacity(works.len());
    let committed = transact(db, messages, works, &mut worked).await;
    for done in worked {
        (done.answer)(committed.as_ref().map(|_| ()).map_err(Clone::clone));
    }
    match committed {
        Ok(outcomes) => {
            for (reply, outcome) in replies.into_iter().zip(outcomes) {
                let _gone = reply.send(outcome);
            }
        }
        Err(failure) => {
            for reply in replies {
                let _gone = reply.send(Err(failure.clone()));
            }
        }
    }
}

/// Gives the outcome of each message. After an error nothing was done.
async fn transact(
    db: &DatabaseConnection,
    messages: &[NewMessage],
    works: Vec<Work>,
    worked: &mut Vec<Worked>,
) -> Result<Vec<Result<Appended, Failure>>, Failure> {
    let (tx, outcomes, mut lost) = match begin_with(db, messages).await {
        Ok((tx, outcomes)) => (Some(tx), outcomes, None),
        Err(failure) => (None, Vec::new(), Some(failure)),
    };
    for work in works {
        let done = match (&tx, &lost) {
            (Some(tx), None) => work(Ok(tx)).await,
            (_, Some(failure)) => work(Err(failure.clone())).await,
            (None, None) => work(Err(Failure::Closed)).await,
        };
        lost = lost.or_else(|| done.lost.clone());
        worked.push(done);
    }
    match (tx, lost) {
        (Some(tx), None) => {
            tx.commit().await?;
            Ok(outcomes)
        }
        // Dropped, a transaction is rolled back.
        (_, Some(failure)) => Err(failure),
        (None, None) => Err(Failure::Closed),
    }
}

/// Begins a transaction with these messages in it.
async fn begin_with(
    db: &DatabaseConnection,
    messages: &[NewMessage],
) -> Result<(DatabaseTransaction, Vec<Result<Appended, Failure>>), Failure> {
    let tx = begin(db).await?;
    let together = match append_all(&tx, messages).await {
        Ok(appended) => return Ok((tx, appended.into_iter().map(Ok).collect())),
        Err(failure) => failure,
    };
    tx.rollback().await?;
    if together.is_unavailable() {
        return Err(together);
    }
    // One of them cannot be stored, and the others are not to suffer from it.
    tracing::debug!(
        error = %together,
        messages = messages.len(),
        "sends could not be stored together; each is tried on its own"
    );
    let tx = begin(db).await?;
    let mut outcomes = Vec::with_capacity(messages.len());
    for message in messages {
        let message = message.clone();
        let alone = in_savepoint(&tx, move |tx| {
            Box::pin(async move { append_all(tx, std::slice::from_ref(&message)).await })
        });
        match alone.await {
            Ok(appended) => outcomes.extend(appended.into_iter().map(Ok)),
            Err(failure) if failure.is_unavailable() => return Err(failure),
            Err(failure) => outcomes.push(Err(failure)),
        }
    }
    Ok((tx, outcomes))
}

async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    db.begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    })
    .await
}

async fn in_savepoint<T, W>(tx: &DatabaseTransaction, work: W) -> Result<T, Failure>
where
    W: for<'a> FnOnce(&'a DatabaseTransaction) -> Writing<'a, T>,
{
    let savepoint = tx.begin().await?;
    // Dropped on failure, it rolls back.
    let done = work(&savepoint).await?;
    savepoint.commit().await?;
    Ok(done)
}
