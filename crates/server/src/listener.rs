//! The listener: connections in, requests to the router, and an orderly end.

mod event_stream;
mod handover;
mod request_body;
#[cfg(test)]
mod testing;

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::Service;

use event_stream::{EventStream, is_event_stream};
use handover::Handover;
use request_body::request_body;

/// A client that has not sent the head of its next request by then is disconnected, be it slow
/// or idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of a request's line and headers; more is answered with 431.
const LARGEST_HEAD: usize = 16 * 1024;
/// How long accepting pauses when the machine has no room for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// A client that does not take what it was sent within this time is gone, or may as well be.
pub const UNREAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Has the connections that this listener accepts end when their client has not taken what it was
/// sent for so long: it reads nothing, or has vanished without a word. Nothing else ends a stream
/// whose client reads nothing. Without effect where there is no such option, outside Linux.
///
/// # Errors
/// When the system refuses.
#[cfg_attr(
    not(target_os = "linux"),
    expect(unused_variables, reason = "without effect")
)]
pub fn let_go_of_unread(listener: &TcpListener, after: Duration) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(listener).set_tcp_user_timeout(Some(after))?;
    Ok(())
}

/// Serves HTTP/1.1 until `stop` is done, then takes no more connections and answers what was
/// taken for at most `grace`; what is not done by then is cut off, and logged. That event streams
/// end in time is up to the router.
///
/// Each request carries the address of its peer as [`ConnectInfo`].
///
/// hyper's own HTTP/1 server is used rather than one that also speaks HTTP/2: it takes less memory
/// for each connection, and what speaks HTTP/2 to people, a proxy, speaks HTTP/1.1 to us. An answer
/// of type `text/event-stream` ends what was asked on its connection, and is sent without hyper.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let mut stop = pin!(stop);
    let (tell_to_stop, told_to_stop) = watch::channel(());
    let mut open = Open(JoinSet::new());
    loop {
        tokio::select! {
            (stream, peer) = accept(&listener) => {
                let told_to_stop = told_to_stop.clone();
                open.0.spawn(connection(stream, peer, router.clone(), told_to_stop));
            }
            () = open.one_ended(), if !open.0.is_empty() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);

    tracing::info!("stopping: no new connections, answering what was taken");
    tell_to_stop.send_replace(());
    let all_ended = async {
        while !open.0.is_empty() {
            open.one_ended().await;
        }
    };
    if timeout(grace, all_ended).await.is_err() {
        let cut_off = open.0.len();
        tracing::warn!(cut_off, "connections were still busy and are cut off");
        open.0.shutdown().await;
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The tasks of all connections. One that becomes an event stream gets another task, since a task
/// takes as much memory as the most that it ever needed.
struct Open(JoinSet<Option<EventStream>>);

impl Open {
    /// Done when a task has ended.
    async fn one_ended(&mut self) {
        match self.0.join_next().await {
            Some(Ok(Some(stream))) => {
                self.0.spawn(async {
                    stream.tell().await;
                    None
                });
            }
            Some(Ok(None)) | None => {}
            Some(Err(error)) => tracing::error!(%error, "a connection's task failed"),
        }
    }
}

/// Answers what is asked on a connection, until it ends or becomes an event stream.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut told_to_stop: watch::Receiver<()>,
) -> Option<EventStream> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let handover = Handover::default();
    let handed_over = handover.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (mut head, incoming) = request.into_parts();
        let (version, handover) = (head.version, handover.clone());
        head.extensions.insert(ConnectInfo(peer));
        let (body, unread) = request_body(incoming);
        let answer = router.clone().call(hyper::Request::from_parts(head, body));
        async move {
            let answer: Result<Response, Infallible> = answer.await;
            unread.hear_out().await;
            match answer {
                Ok(answer) if is_event_stream(&answer) => Ok(handover.leave(version, answer).await),
                answer => answer,
            }
        }
    });
    let mut served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut stop = pin!(told_to_stop.changed());
    let mut is_stopping = false;
    let ended = poll_fn(|cx| {
        if !is_stopping && stop.as_mut().poll(cx).is_ready() {
            is_stopping = true;
            Pin::new(&mut served).graceful_shutdown();
        }
        match Pin::new(&mut served).poll(cx) {
            Poll::Pending => handed_over
                .take()
                .map_or(Poll::Pending, |left| Poll::Ready(Ok(Some(left)))),
            Poll::Ready(ended) => Poll::Ready(ended.map(|()| None)),
        }
    });
    match ended.await {
        Ok(Some((version, answer))) => {
            let socket = served.into_parts().io.into_inner();
            Some(EventStream::new(socket, version, answer))
        }
        Ok(None) => None,
        Err(error) => {
            tracing::debug!(%error, %peer, "a connection broke");
            None
        }
    }
}

#[cfg(test)]
#[path = "listener_tests.rs"]
mod tests;
