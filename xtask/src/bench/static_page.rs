//! The reference for a page: nothing but bytes, served by what the chat itself is served by
//! (an axum router on hyper's HTTP/1 server), in a process of its own.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::response::Html;
use axum::routing::get;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tower::ServiceExt;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    file: PathBuf,
}

/// Serves the file at `/` and at `LISTEN_ADDR` until SIGTERM.
pub(crate) async fn run(Arguments { file }: Arguments) -> anyhow::Result<()> {
    let page = Bytes::from(fs::read(file)?);
    let address = env::var("LISTEN_ADDR").context("LISTEN_ADDR is not set")?;
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(address).await?;
    let router = Router::new().route("/", get(|| async move { Html(page.clone()) }));
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted?,
            _ = terminate.recv() => return Ok(()),
        };
        stream.set_nodelay(true)?;
        let router = router.clone();
        let service =
            service_fn(move |request: hyper::Request<Incoming>| router.clone().oneshot(request));
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // Whoever measures sees for themselves that a connection broke.
            let _ = serving.await;
        });
    }
}
