use std::time::Duration;

use domain::{Distributed, Distribution};

/// What the connections are doing, read without asking the database.
#[derive(Clone, Debug)]
pub enum Figures {
    /// Of `SQLite`.
    Sqlite {
        /// How many writes went into one commit.
        writes_a_commit: Distributed,
        /// How long a commit took, the writes in it included, in microseconds.
        commit_micros: Distributed,
        /// Writes that wait for theirs.
        writes_waiting: usize,
        /// Queries that wait for a thread or run.
        reads_waiting: usize,
    },
    /// Of `PostgreSQL`.
    Postgres {
        /// Connections that do something.
        in_use: usize,
        /// Connections that are open and do nothing.
        idle: usize,
        /// How many there may be.
        most: usize,
    },
}

/// What is counted of the commits on `SQLite`.
#[derive(Debug)]
pub(crate) struct Commits {
    writes: Distribution,
    micros: Distribution,
}

impl Commits {
    pub(crate) fn count(&self, writes: usize, took: Duration) {
        self.writes.observe(writes.try_into().unwrap_or(u64::MAX));
        let micros = took.as_micros().try_into().unwrap_or(u64::MAX);
        self.micros.observe(micros);
    }

    pub(crate) fn writes(&self) -> Distributed {
        self.writes.get()
    }

    pub(crate) fn micros(&self) -> Distributed {
        self.micros.get()
    }
}

impl Default for Commits {
    fn default() -> Self {
        Self {
            writes: Distribution::new(&[1, 2, 4, 8, 16, 32, 64, 128, 256]),
            micros: Distribution::new(&[
                250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
                1_000_000, 5_000_000,
            ]),
        }
    }
}
