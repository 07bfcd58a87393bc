//! Throw-away servers for tests: each is started on a free port in a folder of its own, and is
//! stopped when dropped.

mod postgres;

pub(crate) use self::postgres::Postgres;
