//! What an operator asks of a running server, as Prometheus reads it.
//!
//! The other crates know nothing of Prometheus: each counts plain numbers about itself, or is asked
//! for its state when somebody looks ([`domain::Counter`], [`domain::Distribution`]). Here they
//! get their names. No label holds what a user wrote or is called.

mod process;
mod sample;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::Timestamp;
use domain::messages::Messages;
use domain::sessions::Sessions;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text};
use prometheus_client::registry::Registry;
use storage::{Figures, Store};
use web::{Answered, Answers, Streams};

use crate::wiring::{ServedBroker, Wired};
use process::Process;
use sample::Samples;

/// The figures of a server.
pub struct Metrics {
    answers: Answers,
    messages: Messages,
    sessions: Sessions,
    streams: Streams,
    broker: ServedBroker,
    store: Store,
    started_at: Timestamp,
}

impl Metrics {
    /// Of this server; `answers` counts what its router answers.
    #[must_use]
    pub fn of(wired: &Wired, store: &Store, answers: Answers) -> Self {
        Self {
            answers,
            messages: wired.app.messages.clone(),
            sessions: wired.sessions.clone(),
            streams: wired.app.streams.clone(),
            broker: wired.broker.clone(),
            store: store.clone(),
            started_at: wired.app.clock.now(),
        }
    }

    /// Serves them at `/metrics`, and nothing else.
    pub fn router(self) -> Router {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let registry = Arc::new(registry);
        Router::new().route("/metrics", get(move || async move { page(&registry) }))
    }
}

fn page(registry: &Registry) -> Response {
    let mut text = String::new();
    match prometheus_text::encode(&mut text, registry) {
        Ok(()) => ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the figures could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut samples = Samples(&mut encoder);
        samples.gauge(
            "jbl_build_info",
            "The version that runs; always 1",
            &[(&[("version", env!("CARGO_PKG_VERSION"))], 1)],
        )?;
        self.requests(&mut samples)?;
        self.sends_and_sign_ins(&mut samples)?;
        self.streams(&mut samples)?;
        self.broker(&mut samples)?;
        self.database(&mut samples)?;
        self.process(&mut samples)
    }
}

impl Metrics {
    fn requests(&self, samples: &mut Samples<'_, '_>) -> fmt::Result {
        let answered = self.answers.get();
        let statuses: Vec<String> = answered
            .iter()
            .map(|kind| kind.status.to_string())
            .collect();
        let labels: Vec<_> = answered.iter().zip(&statuses).map(labels).collect();
        let distributions = labels.iter().zip(&answered);
        samples.seconds(
            "jbl_request_seconds",
            "How long requests waited for the beginning of their answer",
            distributions.map(|(labels, kind)| (labels.as_slice(), &kind.micros)),
        )
    }

    fn sends_and_sign_ins(&self, samples: &mut Samples<'_, '_>) -> fmt::Result {
        let sends = self.messages.tally();
        samples.counter(
            "jbl_sends",
            "Messages that somebody tried to send, by outcome",
            &[
                (&[("outcome", "stored")], sends.stored.get()),
                (&[("outcome", "retried")], sends.retried.get()),
                (&[("outcome", "refused")], sends.refused.get()),
                (&[("outcome", "throttled")], sends.throttled.get()),
                (&[("outcome", "failed")], sends.failed.get()),
            ],
        )?;
        let sign_ins = self.sessions.tally();
        samples.counter(
            "jbl_sign_ins",
            "Attempts to sign in, by outcome",
            &[
                (&[("outcome", "signed_in")], sign_ins.signed_in.get()),
                (&[("outcome", "refused")], sign_ins.refused.get()),
                (&[("outcome", "throttled")], sign_ins.throttled.get()),
                (&[("outcome", "failed")], sign_ins.failed.get()),
            ],
        )
    }

    fn streams(&self, samples: &mut Samples<'_, '_>) -> fmt::Result {
        let streams = self.streams.figures();
        samples.gauge(
            "jbl_streams_open",
            "Open event streams",
            &[(&[], streams.open)],
        )?;
        samples.gauge(
            "jbl_users_connected",
            "Users with an open event stream",
            &[(&[], streams.users)],
        )?;
        samples.counter(
            "jbl_streams_begun",
            "Event streams begun",
            &[(&[], streams.begun)],
        )?;
        samples.counter(
            "jbl_streams_caught_up",
            "How often a stream that was cut off read from the database what it had missed",
            &[(&[], streams.caught_up)],
        )?;
        samples.counter(
            "jbl_streams_replayed_messages",
            "Messages that streams told from the database, not as they happened",
            &[(&[], streams.replayed)],
        )?;
        samples.counter(
            "jbl_streams_reloads",
            "How often a stream had missed too much and told its client to load anew",
            &[(&[], streams.reloads)],
        )?;
        samples.counter(
            "jbl_streams_given_up",
            "Streams that ended because the database was away",
            &[(&[], streams.given_up)],
        )
    }

    fn broker(&self, samples: &mut Samples<'_, '_>) -> fmt::Result {
        let broker = self.broker.figures();
        if let Some(is_connected) = self.broker.is_connected() {
            samples.gauge(
                "jbl_broker_connected",
                "Whether NATS is connected",
                &[(&[], u64::from(is_connected))],
            )?;
        }
        samples.gauge(
            "jbl_broker_longest_queue",
            "Events that wait for the stream with the most of them; at 256 it is cut off",
            &[(&[], broker.longest_queue)],
        )?;
        samples.counter(
            "jbl_broker_cut_off",
            "Streams that were cut off, to catch up from the database: too slow, or something may \
             have been lost between nodes",
            &[
                (&[("why", "too_slow")], broker.too_slow),
                (&[("why", "gap")], broker.gaps),
            ],
        )
    }

    fn database(&self, samples: &mut Samples<'_, '_>) -> fmt::Result {
        match self.store.figures() {
            Figures::Sqlite {
                writes_a_commit,
                commit_micros,
                writes_waiting,
                reads_waiting,
            } => {
                samples.sizes(
                    "jbl_sqlite_writes_per_commit",
                    "How many writes shared a commit",
                    &writes_a_commit,
                )?;
                samples.seconds(
                    "jbl_sqlite_commit_seconds",
                    "How long a commit took, the writes in it included",
                    [(&[][..], &commit_micros)],
                )?;
                samples.gauge(
                    "jbl_sqlite_writes_waiting",
                    "Writes that wait for a commit",
                    &[(&[], writes_waiting)],
                )?;
                samples.gauge(
                    "jbl_sqlite_reads_waiting",
                    "Queries that run or wait for one of four threads",
                    &[(&[], reads_waiting)],
                )
            }
            Figures::Postgres { in_use, idle, most } => {
                samples.gauge(
                    "jbl_postgres_connections",
                    "Open connections to PostgreSQL",
                    &[
                        (&[("state", "in_use")], in_use),
                        (&[("state", "idle")], idle),
                    ],
                )?;
                samples.gauge(
                    "jbl_postgres_connections_max",
                    "How many connections to PostgreSQL there may be",
                    &[(&[], most)],
                )
            }
        }
    }

    /// Under the names that every exporter gives them.
    fn process(&self, samples: &mut Samples<'_, '_>) -> fmt::Result {
        let started_at = self.started_at.unix_millis() / 1_000;
        samples.gauge(
            "process_start_time_seconds",
            "When the process started, since 1970",
            &[(&[], started_at)],
        )?;
        let Some(process) = Process::read() else {
            return Ok(());
        };
        samples.gauge(
            "process_resident_memory_bytes",
            "Memory that the process has",
            &[(&[], process.resident_bytes)],
        )?;
        samples.gauge(
            "process_open_fds",
            "Open files and connections",
            &[(&[], process.open_files)],
        )?;
        samples.gauge(
            "process_max_fds",
            "How many files and connections may be open",
            &[(&[], process.most_files)],
        )
    }
}

fn labels<'a>((kind, status): (&'a Answered, &'a String)) -> [(&'static str, &'a str); 3] {
    [
        ("route", &kind.route),
        ("method", kind.method),
        ("status", status),
    ]
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
