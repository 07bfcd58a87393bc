use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Connection;

/// Idle connections to one server, as a proxy in front of it would keep them.
pub(in crate::bench) struct Pool {
    address: String,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    /// The server closes a connection that was idle for ten seconds.
    const LONGEST_IDLE: Duration = Duration::from_secs(5);

    pub(in crate::bench) fn of(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// One of them, else a new one: nobody waits for another's answer.
    pub(in crate::bench) async fn take(&self) -> anyhow::Result<Connection> {
        let kept = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.pop()
        };
        match kept {
            Some(connection) if connection.idle() < Self::LONGEST_IDLE => Ok(connection),
            Some(_) | None => Connection::open(&self.address).await,
        }
    }

    /// Gives one back whose answer was read.
    pub(in crate::bench) fn put(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }
}
