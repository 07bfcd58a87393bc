//! What the ports of `domain` promise, asked of both databases.
//!
//! Each promise is written once, as an `async fn` that takes a [`place::Place`], and listed in its
//! file's `on_both!`, which makes a test of it for either database. Those on `PostgreSQL` need
//! `TEST_POSTGRES_URL`; `cargo xtask test` brings up a server and sets it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where, whichever function it is in"
)]

mod people;
mod place;

mod accounts;
mod append;
mod backup;
mod directory;
mod history;
mod importing;
mod inbox;
mod missed;
mod opening;
mod outages;
mod positions;
mod profile;
mod races;
mod schema;
mod sessions;
mod statements;
