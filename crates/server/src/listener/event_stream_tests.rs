use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::get;
use futures_util::stream;
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::super::testing::{Listening, listen, rest, send};
use super::super::{let_go_of_unread, serve};
use super::*;

const ASKED: &str = "GET /stream HTTP/1.1\r\nhost: a\r\n\r\n";
const KIND: (axum::http::HeaderName, &str) = (CONTENT_TYPE, "text/event-stream");
const LONG: usize = 20_000_000;

/// A server with one stream, for whoever asks first, and what tells on it.
struct Telling {
    server: Listening,
    /// An error breaks the stream, and dropping it ends it. It is closed when the stream is let go.
    told: mpsc::Sender<Result<&'static str, &'static str>>,
}

impl Telling {
    async fn begin() -> Self {
        let (told, heard) = mpsc::channel(8);
        let heard = Arc::new(Mutex::new(Some(heard)));
        let stream = move || {
            let heard = heard.lock().unwrap().take();
            async move {
                let Some(heard) = heard else {
                    return StatusCode::CONFLICT.into_response();
                };
                let pieces = stream::unfold(heard, |mut heard: mpsc::Receiver<_>| async {
                    Some((heard.recv().await?, heard))
                });
                let cookies = AppendHeaders([(SET_COOKIE, "a=1"), (SET_COOKIE, "b=2")]);
                ([KIND], cookies, Body::from_stream(pieces)).into_response()
            }
        };
        let router = Router::new()
            .route("/stream", get(stream))
            .route("/told", get(|| async { ([KIND], "data: all\n\n") }))
            .route("/long", get(|| async { "x".repeat(LONG) }));
        let server = listen(router, Duration::from_mins(10)).await;
        Self { server, told }
    }

    async fn tell(&self, piece: &'static str) {
        self.told.send(Ok(piece)).await.unwrap();
    }

    async fn is_let_go(&self) {
        let let_go = timeout(Duration::from_secs(10), self.told.closed()).await;
        let_go.expect("it is let go of");
    }
}

/// Reads on until that has come.
async fn until(client: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(char::from(client.read_u8().await.unwrap()));
    }
    text
}

#[tokio::test]
async fn it_has_the_head_of_its_answer_and_comes_piece_by_piece() {
    let telling = Telling::begin().await;
    let mut client = send(telling.server.address, ASKED).await;
    let head = until(&mut client, "\r\n\r\n").await;
    let mut lines: Vec<_> = head.trim_end().lines().collect();
    assert_eq!(lines.remove(0), "HTTP/1.1 200 OK");
    lines.sort_unstable();
    let date = lines.remove(2).strip_prefix("date: ").unwrap();
    let age = httpdate::parse_http_date(date).unwrap().elapsed().unwrap();
    assert!(age < Duration::from_mins(1));
    let expected = [
        "connection: close",
        "content-type: text/event-stream",
        "set-cookie: a=1",
        "set-cookie: b=2",
        "transfer-encoding: chunked",
    ];
    assert_eq!(lines, expected);

    telling.tell("data: one\n\n").await;
    assert_eq!(
        until(&mut client, "\n\n\r\n").await,
        "b\r\ndata: one\n\n\r\n"
    );
    // As a chunk this would be the end.
    telling.tell("").await;
    telling.tell("data: the second\n\n").await;
    let second = until(&mut client, "\n\n\r\n").await;
    assert_eq!(second, "12\r\ndata: the second\n\n\r\n");
    drop(telling.told);
    assert_eq!(rest(client).await, "0\r\n\r\n");
}

#[tokio::test]
async fn a_client_of_the_older_version_gets_it_as_it_is() {
    let telling = Telling::begin().await;
    let request = "GET /stream HTTP/1.0\r\nconnection: keep-alive\r\n\r\n";
    let client = send(telling.server.address, request).await;
    telling.tell("data: one\n\n").await;
    drop(telling.told);
    let answer = rest(client).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200 OK\r\n"), "{head}");
    assert!(head.contains("connection: close"), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert_eq!(body, "data: one\n\n");
}

/// Its head is all that `HEAD` gets, and what is told at once has an end: the connection goes on.
#[rstest]
#[case::head("HEAD /stream", "")]
#[case::whole("GET /told", "data: all\n\n")]
#[tokio::test]
async fn what_does_not_go_on_is_an_answer_like_others(#[case] asked: &str, #[case] body: &str) {
    let telling = Telling::begin().await;
    let two = format!(
        "{asked} HTTP/1.1\r\nhost: a\r\n\r\n\
         GET /none HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    );
    let answers = rest(send(telling.server.address, &two).await).await;
    let (head, after) = answers.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("text/event-stream"), "{head}");
    let after = after.strip_prefix(body).unwrap();
    assert!(after.starts_with("HTTP/1.1 404"), "{after}");
}

#[tokio::test]
async fn a_client_that_hangs_up_is_let_go_of_at_once() {
    let telling = Telling::begin().await;
    let mut client = send(telling.server.address, ASKED).await;
    until(&mut client, "\r\n\r\n").await;
    assert!(!telling.told.is_closed());
    drop(client);
    telling.is_let_go().await;
}

#[tokio::test]
async fn what_a_client_sends_besides_is_thrown_away() {
    let telling = Telling::begin().await;
    let early = format!("{ASKED}GET /told HTTP/1.1\r\nhost: a\r\n\r\n");
    let mut client = send(telling.server.address, &early).await;
    until(&mut client, "\r\n\r\n").await;
    client.write_all(&[b'x'; 10_000]).await.unwrap();
    telling.tell("data: one\n\n").await;
    assert_eq!(
        until(&mut client, "\n\n\r\n").await,
        "b\r\ndata: one\n\n\r\n"
    );
    // By now it has been thrown away.
    telling.tell("data: two\n\n").await;
    assert_eq!(
        until(&mut client, "\n\n\r\n").await,
        "b\r\ndata: two\n\n\r\n"
    );
    client.write_all(b"more").await.unwrap();
    drop(client);
    telling.is_let_go().await;
}

#[tokio::test]
async fn a_client_that_sends_without_end_is_let_go_of() {
    let telling = Telling::begin().await;
    let mut client = send(telling.server.address, ASKED).await;
    until(&mut client, "\r\n\r\n").await;
    let sending =
        tokio::spawn(async move { while client.write_all(&[b'x'; 4_096]).await.is_ok() {} });
    telling.is_let_go().await;
    sending.await.unwrap();
}

#[tokio::test]
async fn the_answer_before_it_is_sent_to_its_end_first() {
    let telling = Telling::begin().await;
    let two = format!("GET /long HTTP/1.1\r\nhost: a\r\n\r\n{ASKED}");
    let mut client = send(telling.server.address, &two).await;
    telling.tell("data: one\n\n").await;
    until(&mut client, "\r\n\r\n").await;
    let mut long = vec![0; LONG];
    client.read_exact(&mut long).await.unwrap();
    assert!(long.iter().all(|&byte| byte == b'x'));
    let head = until(&mut client, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert_eq!(
        until(&mut client, "\n\n\r\n").await,
        "b\r\ndata: one\n\n\r\n"
    );
}

#[tokio::test]
async fn one_that_breaks_has_no_end() {
    let telling = Telling::begin().await;
    let client = send(telling.server.address, ASKED).await;
    telling.tell("data: one\n\n").await;
    telling.told.send(Err("broken")).await.unwrap();
    let answer = rest(client).await;
    assert!(answer.ends_with("data: one\n\n\r\n"), "{answer}");
}

#[tokio::test]
async fn stopping_waits_for_it_to_end() {
    let telling = Telling::begin().await;
    let mut client = send(telling.server.address, ASKED).await;
    until(&mut client, "\r\n\r\n").await;
    telling.server.stop.send(()).unwrap();
    while TcpStream::connect(telling.server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!telling.server.ended.is_finished());
    telling.told.send(Ok("event: restart\n\n")).await.unwrap();
    drop(telling.told);
    assert!(rest(client).await.ends_with("restart\n\n\r\n0\r\n\r\n"));
    telling.server.ended.await.unwrap();
}

#[tokio::test]
async fn stopping_cuts_off_one_that_does_not_end() {
    let router = Router::new().route("/stream", get(endless));
    let server = listen(router, Duration::ZERO).await;
    let mut client = send(server.address, ASKED).await;
    until(&mut client, "\r\n\r\n").await;
    server.stop.send(()).unwrap();
    server.ended.await.unwrap();
    assert_eq!(rest(client).await, "");
}

async fn endless() -> Response {
    let nothing = stream::pending::<Result<&str, Infallible>>();
    ([KIND], Body::from_stream(nothing)).into_response()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_that_does_not_read_is_let_go_of() {
    let (dropped, was_dropped) = oneshot::channel::<()>();
    let dropped = Arc::new(Mutex::new(Some(dropped)));
    let stream = move || {
        let held = dropped.lock().unwrap().take();
        let pieces = std::iter::repeat_with(move || {
            let _ = &held;
            Ok::<_, Infallible>(vec![b'x'; 16 * 1024])
        });
        async { ([KIND], Body::from_stream(stream::iter(pieces))) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let_go_of_unread(&listener, Duration::from_millis(500)).unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let router = Router::new().route("/stream", get(stream));
    let _server = tokio::spawn(serve(
        listener,
        router,
        std::future::pending(),
        Duration::ZERO,
    ));
    let client = send(address, ASKED).await;
    let let_go = timeout(Duration::from_secs(10), was_dropped).await;
    assert!(let_go.expect("it is let go of").is_err());
    drop(client);
}

/// A thousand people who read are a thousand of these.
#[tokio::test]
async fn what_waits_for_the_next_piece_is_small() {
    let socket = send_nowhere().await;
    let stream = EventStream::new(socket, Version::HTTP_11, endless().await);
    let size = size_of_val(&stream.tell());
    assert!(size <= 512, "{size} bytes");
}

async fn send_nowhere() -> TcpStream {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    send(listener.local_addr().unwrap(), "").await
}
