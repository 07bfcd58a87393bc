//! Threads that read, each with a connection of its own.
//!
//! A query of a page takes some tens of microseconds, most of which a driver spends on handing rows
//! from its thread to the one that waits, one by one. Here a whole query with the parsing of its
//! rows is one job for one thread, and only what it found comes back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use rusqlite::Connection;
use sea_orm::{DbErr, RuntimeErr, Value};
use tokio::sync::oneshot;

use super::connect_reader;
use crate::failure::Failure;
use crate::rows::Row;

/// How many there are. Queries are short, so a few serve many.
const THREADS: usize = 4;
/// So many jobs of a thread come one after the other before another thread is woken for the next:
/// to wake one costs as much as a short query.
const IN_TURN: usize = 3;

/// A handle to the threads; they end with the last one.
#[derive(Clone)]
pub(crate) struct Readers(Arc<[Reader]>);

struct Reader {
    jobs: Sender<Job>,
    /// Jobs that it was given and has not done.
    waiting: Arc<AtomicUsize>,
}

enum Job {
    Read(Box<dyn FnOnce(&Connection) + Send>),
    Close,
}

impl Readers {
    /// Opens the connections and starts the threads. The database must be in WAL mode.
    pub(crate) fn start(file: &Path) -> Result<Self, Failure> {
        let readers = (0..THREADS).map(|n| Reader::start(file, n));
        Ok(Self(readers.collect::<Result<_, Failure>>()?))
    }

    /// Runs a query and reads each of its rows.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        sql: &'static str,
        values: Vec<Value>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Vec<T>, Failure> {
        self.run(move |connection| query(connection, sql, &values, &mut read))
            .await
    }

    /// Runs several queries on one state of the database.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        self.run(move |connection| {
            // Prepared once, which a transaction of rusqlite's is not.
            connection.prepare_cached("BEGIN")?.execute([])?;
            let found = work(connection);
            connection.prepare_cached("COMMIT")?.execute([])?;
            found
        })
        .await
    }

    /// Does the work on a thread that works already and will soon come to it, else on the one that
    /// has the least to do.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        tracing::trace!(target: "storage::round_trip", "given to a thread");
        let (reply, found) = oneshot::channel();
        let job = move |connection: &Connection| {
            // Who asked may have gone.
            let _gone = reply.send(work(connection));
        };
        let reader = self.0.iter().min_by_key(|reader| reader.rank());
        let reader = reader.ok_or(Failure::Closed)?;
        reader.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = reader.jobs.send(Job::Read(Box::new(job)));
        sent.map_err(|_| Failure::Closed)?;
        found.await.map_err(|_| Failure::Closed)?
    }

    /// How many jobs were given and are not done.
    pub(crate) fn waiting(&self) -> usize {
        let waiting = |reader: &Reader| reader.waiting.load(Ordering::Relaxed);
        self.0.iter().map(waiting).sum()
    }

    /// Does what waits, then closes the connections.
    pub(crate) fn close(&self) {
        for reader in self.0.iter() {
            // One that has ended is closed.
            let _ended = reader.jobs.send(Job::Close);
        }
    }
}

impl Reader {
    fn start(file: &Path, n: usize) -> Result<Self, Failure> {
        let connection = connect_reader(file)?;
        let (jobs, line) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let done = Arc::clone(&waiting);
        let work = move || {
            while let Ok(Job::Read(job)) = line.recv() {
                job(&connection);
                done.fetch_sub(1, Ordering::Relaxed);
            }
        };
        thread::Builder::new()
            .name(format!("sqlite-read-{n}"))
            .spawn(work)
            .map_err(|error| DbErr::Conn(RuntimeErr::Internal(error.to_string())))?;
        Ok(Self { jobs, waiting })
    }

    /// The one of the lowest rank is given the next job.
    fn rank(&self) -> usize {
        match self.waiting.load(Ordering::Relaxed) {
            0 => IN_TURN,
            few @ 1..IN_TURN => few,
            many => many + 1,
        }
    }
}

/// Runs a query on one of the threads and reads each of its rows.
pub(crate) fn query<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value],
    mut read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    super::bind(&mut statement, values)?;
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&Row::Sqlite(row))?);
    }
    Ok(found)
}
