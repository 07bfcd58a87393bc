use std::sync::Arc;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::testing::{listen, rest, send};
use super::*;

#[tokio::test]
async fn a_request_carries_the_address_of_its_peer() {
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    let router = Router::new().route("/", get(peer));
    let server = listen(router, Duration::ZERO).await;
    let client = send(
        server.address,
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await;
    let own = client.local_addr().unwrap().to_string();
    assert!(rest(client).await.ends_with(&own));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_finish_a_head_is_disconnected() {
    let server = listen(Router::new(), Duration::ZERO).await;
    let client = send(server.address, "GET / HTTP/1.1\r\nhost: ").await;
    rest(client).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_idle_is_disconnected() {
    let server = listen(Router::new(), Duration::ZERO).await;
    let client = send(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(rest(client).await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let server = listen(Router::new(), Duration::ZERO).await;
    let filler = "x".repeat(LARGEST_HEAD);
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\nfiller: {filler}\r\n\r\n");
    let mut client = send(server.address, &head).await;
    let mut answer = [0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_that_does_not_read_is_let_go_of() {
    let (dropped, was_dropped) = oneshot::channel::<()>();
    let dropped = Arc::new(std::sync::Mutex::new(Some(dropped)));
    let endless = move || {
        let held = dropped.lock().unwrap().take();
        let pieces = std::iter::repeat_with(move || {
            let _ = &held;
            Ok::<_, Infallible>(vec![b'x'; 16 * 1024])
        });
        async { axum::body::Body::from_stream(futures_util::stream::iter(pieces)) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let_go_of_unread(&listener, Duration::from_millis(500)).unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(endless));
    let stop = std::future::pending();
    let _server = tokio::spawn(serve(listener, router, stop, Duration::ZERO));
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut client = socket.connect(address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    client.write_all(request).await.unwrap();
    // The client is still there, and reads nothing.
    let let_go = timeout(Duration::from_secs(10), was_dropped).await;
    assert!(let_go.expect("it is let go of").is_err());
    drop(client);
}

#[tokio::test]
async fn a_body_that_nobody_wants_is_heard_out_and_the_connection_goes_on() {
    let router = Router::new().route("/", post(|| async { "not wanted" }));
    let server = listen(router, Duration::ZERO).await;
    let large = "x".repeat(1_000_000);
    let two = format!(
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{large}\
         POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        large.len(),
    );
    let client = send(server.address, &two).await;
    assert_eq!(rest(client).await.matches("not wanted").count(), 2);
}

#[tokio::test]
async fn who_says_that_far_too_much_will_come_is_answered_at_once() {
    let router = Router::new().route("/", post(|| async { "not wanted" }));
    let server = listen(router, Duration::ZERO).await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n";
    let client = send(server.address, head).await;
    assert!(rest(client).await.ends_with("not wanted"));
}

#[tokio::test(start_paused = true)]
async fn who_does_not_go_on_sending_is_answered_after_a_while() {
    let router = Router::new().route("/", post(|| async { "not wanted" }));
    let server = listen(router, Duration::ZERO).await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nx";
    let client = send(server.address, head).await;
    let asked = Instant::now();
    assert!(rest(client).await.ends_with("not wanted"));
    assert!(asked.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn stopping_ends_idle_connections_at_once_and_takes_no_new_ones() {
    let router = Router::new().route("/", get(|| async { "ok" }));
    let server = listen(router, Duration::from_mins(10)).await;
    let mut idle = send(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut answer = [0; 15];
    idle.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    server.stop.send(()).unwrap();
    rest(idle).await;
    server.ended.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn stopping_answers_what_was_taken_and_cuts_off_what_takes_too_long() {
    for (grace, answered) in [(Duration::from_mins(10), true), (Duration::ZERO, false)] {
        let (taken, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = {
            let (taken, finish) = (taken.clone(), finish.clone());
            move || async move {
                taken.notify_one();
                finish.notified().await;
                "done"
            }
        };
        let server = listen(Router::new().route("/", get(slow)), grace).await;
        let client = send(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        taken.notified().await;
        server.stop.send(()).unwrap();
        if answered {
            finish.notify_one();
        }
        server.ended.await.unwrap();
        assert_eq!(rest(client).await.ends_with("done"), answered);
    }
}
