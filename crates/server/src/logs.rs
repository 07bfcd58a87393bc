//! The log: one line an event on standard error, as text or JSON.
//!
//! It never holds a password, a token, a cookie or the text of a message. Nothing of ours logs
//! them; statements sent to the database and traffic with the broker, which can hold them, are
//! kept out here whatever the filter says.
//!
//! Lines are written by a thread of their own, so that those that serve do not wait for each other
//! at standard error. None is left out: when too many wait, whoever logs waits too.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::LogFormat;

/// How many lines may wait to be written.
const MOST_WAITING: usize = 4_096;

/// The log of this process. When it is dropped, what waits is written, as much as standard error takes
/// within about a second; nothing is logged after that.
#[must_use]
pub struct Log(#[expect(dead_code, reason = "it is there to be dropped")] WorkerGuard);

/// Begins to log, once in a process.
///
/// # Errors
/// When the filter is not one, or the process logs already.
pub fn start(filter: &str, format: LogFormat) -> anyhow::Result<Log> {
    let filter = EnvFilter::builder()
        .parse(filter)?
        .add_directive("sqlx::query=off".parse()?)
        .add_directive("async_nats=off".parse()?);
    let logs = tracing_subscriber::registry().with(filter);
    let (lines, written) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(MOST_WAITING)
        .thread_name("log")
        .finish(io::stderr());
    match format {
        LogFormat::Text => logs
            .with(
                layer()
                    .with_writer(lines)
                    .with_ansi(io::stderr().is_terminal()),
            )
            .try_init(),
        LogFormat::Json => logs
            .with(
                layer()
                    .json()
                    .flatten_event(true)
                    .with_span_list(false)
                    .with_writer(lines),
            )
            .try_init(),
    }
    .context("the log is in use already")?;
    Ok(Log(written))
}
