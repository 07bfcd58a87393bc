//! What can go wrong in here, and which of the two words of [`StoreError`] it becomes.

use std::error::Error;
use std::sync::Arc;

use domain::StoreError;
use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, RuntimeErr};

/// A failure on its way out.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The database or its driver says so.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// `SQLite` says so, to a thread of ours.
    #[error(transparent)]
    Sqlite(#[from] Arc<rusqlite::Error>),
    /// A row holds what its type does not allow.
    #[error("a stored {what} is not valid: {why}")]
    Row { what: &'static str, why: String },
    /// The store was closed, by this program.
    #[error("the store is closed")]
    Closed,
}

impl Failure {
    /// For a stored value that does not parse.
    pub(crate) fn row<E: Error>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Row {
            what,
            why: error.to_string(),
        }
    }

    /// Whether the same call may succeed later.
    pub(crate) fn is_unavailable(&self) -> bool {
        match self {
            Self::Closed => true,
            Self::Row { .. } => false,
            Self::Database(error) => is_unavailable(error),
            Self::Sqlite(error) => match error.sqlite_error() {
                Some(error) => is_passing(&error.extended_code.to_string()),
                None => false,
            },
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        if failure.is_unavailable() {
            Self::Unavailable(Box::new(failure))
        } else {
            Self::Broken(Box::new(failure))
        }
    }
}

fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match &**error {
            // Who hangs up in the middle of a word breaks the protocol too.
            SqlxError::Io(_)
            | SqlxError::Protocol(_)
            | SqlxError::Tls(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed => true,
            SqlxError::Database(error) => match error.code() {
                Some(code) => is_passing(&code),
                None => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// Whether an SQLSTATE of `PostgreSQL` or a result code of `SQLite` says that waiting may help.
fn is_passing(code: &str) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const IO: i32 = 10;
    const FULL: i32 = 13;
    const CANNOT_OPEN: i32 = 14;
    // An SQLSTATE has five characters, a result code (extended in its upper bytes) fewer digits.
    if code.len() < 5
        && let Ok(code) = code.parse::<i32>()
    {
        return [BUSY, LOCKED, IO, FULL, CANNOT_OPEN].contains(&(code & 0xff));
    }
    let classes = [
        "08", // connection exceptions
        "53", // insufficient resources: connections, memory, disk
        "57", // operator intervention: shutdown, start-up, statement timeout
        "58", // system errors, I/O among them
    ];
    // Serialization failures, deadlocks, lock timeouts.
    let codes = ["40001", "40P01", "55P03"];
    classes.contains(&&code[..2]) || codes.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        for code in [
            "5", "6", "10", "13", "14", "261", "517", "2570", "3338", "08006", "53300", "57014",
            "57P01", "58030", "40P01",
        ] {
            assert!(is_passing(code), "{code}");
        }
        for code in [
            "1", "11", "19", "787", "1555", "2067", "23505", "42P01", "22021",
        ] {
            assert!(!is_passing(code), "{code}");
        }
    }
}
