//! `cargo xtask screenshots`: pictures of the chat, and what a browser says of its pages. Nothing
//! is asserted here, so it is no part of the tests.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot go on says where, whichever function it is in"
)]

/// Chromium, as the tests drive it.
#[path = "../rings/browser"]
#[expect(dead_code, reason = "the tests use more of it")]
mod browser {
    pub(crate) mod chromium;
    pub(crate) mod tab;
}
mod figures;
mod pictures;
/// A server, as the tests start it.
#[path = "../rings/support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the tests use more of it"
)]
mod support;
