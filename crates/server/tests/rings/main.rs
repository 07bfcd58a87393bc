//! The outer rings of tests: the real router on real sockets and a real database (`http`), what
//! only a browser shows (`browser`), and the real program when something breaks (`faults`).
//!
//! `cargo xtask test` brings up what they need and says so in the environment. A test that needs
//! `PostgreSQL` has `postgres` in its path, one that needs a browser `browser`; the runner leaves
//! out by these names what the machine cannot run.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where, whichever function it is in"
)]

mod browser;
mod faults;
mod http;
mod support;
