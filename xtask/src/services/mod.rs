//! Throw-away servers for tests: each is started on a free port in a folder of its own, and is
//! stopped when dropped.

mod nats;
mod nginx;
mod postgres;
mod small_disk;

use std::net::{Ipv4Addr, TcpListener};

pub(crate) use self::nats::Nats;
pub(crate) use self::nginx::Nginx;
pub(crate) use self::postgres::Postgres;
pub(crate) use self::small_disk::SmallDisk;

/// One that nobody listens on at the moment.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
