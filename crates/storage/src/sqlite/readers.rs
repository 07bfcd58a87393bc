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
/// A thread is given so many jobs, whatever they are, before another one is woken for the next: to
/// wake one costs as much as a short query.
const IN_TURN: usize = 3;
/// What waits for a thread that has ended: more than ever waits for one that works.
const ENDED: usize = usize::MAX / 2;

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
            let ended = end(connection);
            // What went wrong first is what is to be told.
            found.and_then(|found| ended.map(|()| found))
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
        let waiting = self.0.iter().map(|r| r.waiting.load(Ordering::Relaxed));
        waiting.filter(|waiting| *waiting < ENDED).sum()
    }

    /// Does what waits, then closes the connections.
    pub(crate) fn close(&self) {
        for reader in self.0.iter() {
            // One that has ended is closed.
            let _ended = reader.jobs.send(Job::Close);
        }
    }
}

/// With this ends a thread, by a panic too: it is given nothing more as long as there are others.
struct Ending(Arc<AtomicUsize>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.store(ENDED, Ordering::Relaxed);
    }
}

impl Reader {
    fn start(file: &Path, n: usize) -> Result<Self, Failure> {
        let connection = connect_reader(file)?;
        let (jobs, line) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let done = Ending(Arc::clone(&waiting));
        let work = move || {
            while let Ok(Job::Read(job)) = line.recv() {
                job(&connection);
                done.0.fetch_sub(1, Ordering::Relaxed);
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

/// Ends the transaction of a snapshot, whatever became of it.
fn end(connection: &Connection) -> Result<(), Failure> {
    // After some failures, as of the disk, SQLite has ended it by itself.
    if connection.is_autocommit() {
        return Ok(());
    }
    let ended = connection
        .prepare_cached("COMMIT")
        .and_then(|mut commit| commit.execute([]));
    if ended.is_err() {
        connection.execute_batch("ROLLBACK")?;
    }
    ended?;
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// One connection that writes, and threads that read a table of one number.
    async fn house(folder: &Path) -> (Connection, Readers) {
        let file = folder.join("chat.db");
        let url = format!("sqlite://{}", file.display());
        migrations::connect(&url).await.unwrap();
        let writer = crate::sqlite::connect_writer(&url).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)",
            )
            .unwrap();
        (writer, Readers::start(&file).unwrap())
    }

    fn number(connection: &Connection) -> Result<i64, Failure> {
        Ok(connection.query_row("SELECT n FROM t", [], |row| row.get(0))?)
    }

    #[tokio::test]
    async fn a_snapshot_that_fails_says_why_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, readers) = house(folder.path()).await;
        let failure = || Failure::Row {
            what: "number",
            why: "it is odd".to_owned(),
        };
        for n in 2..10 {
            let failed = readers.snapshot(move |connection| {
                number(connection)?;
                if n % 2 == 0 {
                    // As SQLite does itself when the disk fails.
                    connection.execute_batch("ROLLBACK")?;
                }
                Err::<(), _>(failure())
            });
            let failed = failed.await.unwrap_err().to_string();
            assert_eq!(failed, failure().to_string());
            writer.execute("UPDATE t SET n = ?1", [n]).unwrap();
            assert_eq!(readers.snapshot(number).await.unwrap(), n);
            assert_eq!(readers.run(number).await.unwrap(), n);
        }
    }

    #[tokio::test]
    async fn a_thread_that_has_ended_is_given_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let (_writer, readers) = house(folder.path()).await;
        let panicked = readers.run::<()>(|_| panic!("as this test wants it")).await;
        assert!(matches!(panicked, Err(Failure::Closed)));
        while readers.0.iter().all(|reader| reader.rank() < ENDED) {
            tokio::task::yield_now().await;
        }
        for _ in 0..10 {
            assert_eq!(readers.run(number).await.unwrap(), 1);
        }
        // A job is counted until just after its answer.
        while readers.waiting() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn a_thread_that_works_comes_before_one_that_sleeps_until_enough_wait() {
        let of = |waiting| {
            let (jobs, _) = mpsc::channel();
            let waiting = Arc::new(AtomicUsize::new(waiting));
            Reader { jobs, waiting }.rank()
        };
        let mut waiting = [0, 1, 2, 3, 4, ENDED];
        waiting.sort_by_key(|waiting| of(*waiting));
        assert_eq!(waiting, [1, 2, 0, 3, 4, ENDED]);
    }
}
