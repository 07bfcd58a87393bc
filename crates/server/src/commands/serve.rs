//! `jbl-chat serve`

use std::future::{self, Future};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use broker::Nats;
use domain::sessions::AllEnded;
use storage::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::interval;
use web::Answers;

use crate::metrics::Metrics;
use crate::schema::Schema;
use crate::settings::{DatabaseUrl, ServeSettings};
use crate::wiring::{Settings, Wired, wire};
use crate::{cause, listener};

/// How long requests that were taken may still take when the server stops: it has ended within ten
/// seconds.
const GRACE: Duration = Duration::from_secs(8);
/// How often expired sessions are removed. They have ended before; this only frees their space.
const PURGE_EVERY: Duration = Duration::from_hours(1);
/// How often it is looked whether somebody's sessions were all ended by another process.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the limits forget who was not here for a while.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// Serves until SIGTERM or SIGINT. Makes no database, no schema and no account.
///
/// # Errors
/// When it cannot start: the database does not answer or has another schema, the broker cannot be
/// reached, or the address is taken.
pub async fn serve(database: &DatabaseUrl, settings: ServeSettings) -> anyhow::Result<()> {
    // Before anybody is told that it listens, so that whoever was told can stop it.
    let stop = stop_signal()?;

    let schema = Schema::of_existing(database).await?;
    schema.require_current().await?;
    let store = Store::open(database.expose())
        .await
        .context("cannot open the database")?;
    let nats = match &settings.broker_url {
        None => None,
        Some(url) => Some(
            Nats::connect(url.expose())
                .await
                .context("cannot use the broker (BROKER_URL)")?,
        ),
    };
    let listener = listen(settings.listen_addr, "LISTEN_ADDR").await?;
    listener::let_go_of_unread(&listener, listener::UNREAD_TIMEOUT)
        .context("cannot end connections whose client reads nothing")?;
    let address = listener.local_addr()?;
    let metrics_listener = match settings.metrics_addr {
        Some(address) => Some(listen(address, "METRICS_ADDR").await?),
        None => None,
    };
    let public_url = match settings.public_url {
        Some(url) => url,
        None => format!("http://{address}").parse()?,
    };

    let wired = wire(
        &store,
        schema.clone(),
        Settings {
            public_url,
            trusted_proxies: settings.trusted_proxies,
            nats,
            send_rate: settings.send_rate,
            login_rate: settings.login_rate,
        },
    );
    let router = web::router(wired.app.clone());
    let (router, metrics) = match metrics_listener {
        Some(listener) => {
            let answers = Answers::default();
            let metrics = Metrics::of(&wired, &store, answers.clone());
            let served = serve_metrics(listener, metrics.router())?;
            (answers.count(router), Some(served))
        }
        None => (router, None),
    };
    let streams = wired.app.streams.clone();
    let stop = async move {
        stop.await;
        // Clients come back to another node, or to this one when it is there again.
        streams.end();
    };
    let housekeeping = tokio::spawn(keep_house(wired));
    tracing::info!("listening on http://{address}");
    listener::serve(listener, router, stop, GRACE).await;

    // Until here the figures show how it stops.
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    housekeeping.abort();
    schema.close().await?;
    store.close().await.context("cannot close the database")?;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| format!("cannot listen on {address} ({setting})"))
}

/// Serves the figures until it is aborted.
fn serve_metrics(listener: TcpListener, router: Router) -> anyhow::Result<JoinHandle<()>> {
    let address = listener.local_addr()?;
    tracing::info!("figures for Prometheus at http://{address}/metrics");
    let served = listener::serve(listener, router, future::pending(), Duration::ZERO);
    Ok(tokio::spawn(served))
}

/// Done when the process is asked to stop. The signals are caught from the return of this call on.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot catch SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot catch SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn keep_house(wired: Wired) {
    let mut purge = interval(PURGE_EVERY);
    let mut look = interval(LOOK_EVERY);
    let mut told = AllEnded::default();
    let mut forget = interval(FORGET_EVERY);
    loop {
        tokio::select! {
            _ = purge.tick() => match wired.sessions.purge().await {
                Ok(0) => {}
                Ok(sessions) => tracing::info!(sessions, "removed expired sessions"),
                Err(error) => {
                    let why = cause::line(&error.into());
                    tracing::warn!(why, "expired sessions could not be removed");
                }
            },
            _ = look.tick() => match wired.sessions.tell_of_ended(&told).await {
                Ok(all) => told = all,
                Err(error) => {
                    let why = cause::line(&error.into());
                    tracing::warn!(why, "whose sessions were ended could not be looked up");
                }
            },
            _ = forget.tick() => {
                wired.send_rate.forget_idle();
                wired.sign_in_rate.forget_idle();
            }
        }
    }
}
