//! The log: one line an event on standard error, as text or JSON.
//!
//! It never holds a password, a token, a cookie or the text of a message. Nothing of ours logs
//! them; statements sent to the database and traffic with the broker, which can hold them, are
//! kept out here whatever the filter says.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::LogFormat;

/// Begins to log, once in a process.
///
/// # Errors
/// When the filter is not one, or the process logs already.
pub fn start(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .parse(filter)?
        .add_directive("sqlx::query=off".parse()?)
        .add_directive("async_nats=off".parse()?);
    let logs = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => logs
            .with(
                layer()
                    .with_writer(io::stderr)
                    .with_ansi(io::stderr().is_terminal()),
            )
            .try_init(),
        LogFormat::Json => logs
            .with(
                layer()
                    .json()
                    .flatten_event(true)
                    .with_span_list(false)
                    .with_writer(io::stderr),
            )
            .try_init(),
    }
    .context("the log is in use already")
}
