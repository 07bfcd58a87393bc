//! Who sends too much, too many or too slowly: refused in time, and nobody else notices.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::answers::{cookie_of, is_problem};
use crate::support::{Database, TestApp, TestClient, raw};

/// The most that a sender of 100 MB may get rid of: what is thrown away of a body that nobody wants
/// (2 MiB), and what the two ends of a connection hold.
const HEARD: usize = 16 * 1024 * 1024;

const HUNDRED_MB: usize = 100_000_000;

/// Sends a head and then up to 100 MB; says how many got through, and what came back.
async fn pour(app: &TestApp, head: String, chunk: &[u8]) -> (usize, String) {
    let (mut from, mut to) = TcpStream::connect(app.address).await.unwrap().into_split();
    to.write_all(head.as_bytes()).await.unwrap();
    let chunk = chunk.to_vec();
    let poured = tokio::spawn(async move {
        let mut sent = 0;
        while sent < HUNDRED_MB && to.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        sent
    });
    let mut answer = Vec::new();
    let mut piece = [0; 4_096];
    // A connection that is reset has nothing more to say.
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        answer.extend(&piece[..read]);
    }
    drop(from);
    let sent = poured.await.unwrap();
    (sent, String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_body_of_100_mb_is_neither_heard_nor_kept() {
    let app = TestApp::start(Database::sqlite()).await;
    let cookie = cookie_of(&app, "davidjones").await;
    let page = "/conversations/jamessmith/messages";
    let api = format!("/api/v1{page}");
    let block = vec![b'x'; 64 * 1024];
    let chunk = [b"10000\r\n", &block[..], b"\r\n"].concat();
    for (path, kind) in [
        (page, "application/x-www-form-urlencoded"),
        (&*api, "application/json"),
        ("/login", "application/x-www-form-urlencoded"),
        ("/api/v1/session", "application/json"),
    ] {
        let head = |length: &str| {
            format!(
                "POST {path} HTTP/1.1\r\nhost: a\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n\
                 connection: close\r\n{length}\r\n\r\n"
            )
        };
        for (length, what) in [
            (format!("content-length: {HUNDRED_MB}"), &block),
            ("transfer-encoding: chunked".to_owned(), &chunk),
        ] {
            let (sent, answer) = pour(&app, head(&length), what).await;
            assert!(sent < HEARD, "{path} {length}: {sent} bytes were taken");
            // It may be lost on the way when the connection is reset under it.
            let refused = answer.starts_with("HTTP/1.1 413") || answer.is_empty();
            assert!(refused, "{path} {length}: {answer}");
        }
    }
    let david = TestClient::holding(app.address, &cookie);
    david.get("/api/v1/session").await.expect(200);
    app.stop().await;
}

/// So many headers, each of a name of its own.
fn headers(count: usize) -> String {
    let lines: Vec<_> = (0..count).map(|n| format!("x-{n}: {n}\r\n")).collect();
    lines.concat()
}

#[tokio::test]
async fn ten_thousand_headers_and_a_head_without_end_are_refused() {
    let app = TestApp::start(Database::sqlite()).await;
    let many = headers(10_000);
    let short = headers(500);
    let cookies = "cookie: a=b\r\n".repeat(1_000);
    let long = format!("x: {}\r\n", "y".repeat(1_000_000));
    for headers in [many, short, cookies, long] {
        let request =
            format!("GET /login HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n");
        raw(app.address, request.as_bytes()).await.expect(431);
    }
    let target = "/".repeat(1_000_000);
    let request = format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let refused = raw(app.address, request.as_bytes()).await;
    assert!(
        [414, 431].contains(&refused.status.as_u16()),
        "{}",
        refused.status
    );
    // As many as a browser with its proxies ever sends are fine.
    let some = headers(60);
    let request = format!("GET /login HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{some}\r\n");
    raw(app.address, request.as_bytes()).await.expect(200);
    app.stop().await;
}

/// Sends this, then a byte every half second; says after how long it was hung up on, and with what
/// status.
async fn dawdle(app: &TestApp, begin: String) -> (Duration, String) {
    let started = Instant::now();
    let (mut from, mut to) = TcpStream::connect(app.address).await.unwrap().into_split();
    to.write_all(begin.as_bytes()).await.unwrap();
    let slowly = async move {
        while to.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        // Whoever was hung up on has to hear it from the other half.
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    let heard = async {
        let mut piece = [0; 4_096];
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            answer.extend(&piece[..read]);
        }
    };
    let hung_up = async {
        tokio::select! {
            () = slowly => {}
            () = heard => {}
        }
    };
    let ended = timeout(Duration::from_secs(40), hung_up).await;
    ended.expect("it is hung up on");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (
        started.elapsed(),
        answer.lines().next().unwrap_or("").to_owned(),
    )
}

#[tokio::test]
async fn who_sends_byte_by_byte_is_hung_up_on_and_keeps_nobody_waiting() {
    let app = TestApp::start(Database::sqlite()).await;
    let cookie = cookie_of(&app, "davidjones").await;
    let head = "GET /login HTTP/1.1\r\nhost: a\r\nx: ".to_owned();
    let post = |path: &str, kind: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n\
             content-length: 9000\r\n\r\n"
        )
    };
    let bodies = [
        post(
            "/conversations/jamessmith/messages",
            "application/x-www-form-urlencoded",
        ),
        post(
            "/api/v1/conversations/jamessmith/messages",
            "application/json",
        ),
        post("/login", "application/x-www-form-urlencoded"),
    ];
    let slow_heads = (0..100).map(|_| dawdle(&app, head.clone()));
    let slow_bodies = (0..100).map(|n: usize| dawdle(&app, bodies[n % bodies.len()].clone()));
    let heads = futures_util::future::join_all(slow_heads);
    let slow = futures_util::future::join_all(slow_bodies);
    let others = async {
        let james = app.signed_in("jamessmith").await;
        let mut longest = Duration::ZERO;
        for _ in 0..40 {
            let asked = Instant::now();
            james.get("/conversations").await.expect(200);
            longest = longest.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        longest
    };
    let (heads, slow, longest) = tokio::join!(heads, slow, others);
    for (after, _) in heads {
        assert!(after < Duration::from_secs(20), "a slow head: {after:?}");
    }
    for (after, status) in slow {
        assert!(after < Duration::from_secs(35), "a slow body: {after:?}");
        assert_eq!(status, "HTTP/1.1 408 Request Timeout", "after {after:?}");
    }
    assert!(
        longest < Duration::from_secs(2),
        "others waited {longest:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_thousand_streams_of_one_user_are_32_and_take_no_place_from_others() {
    let app = TestApp::start(Database::sqlite()).await;
    let (david, james) = (
        app.signed_in("davidjones").await,
        app.signed_in("jamessmith").await,
    );
    let open = |client: &TestClient, path: &str| client.request(reqwest::Method::GET, path).send();
    let asked = (0..1_000).map(|n| open(&david, ["/events", "/api/v1/events"][n % 2]));
    let answers = futures_util::future::join_all(asked).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status() == status)
            .count()
    };
    assert_eq!(
        (count(StatusCode::OK), count(StatusCode::TOO_MANY_REQUESTS)),
        (32, 968)
    );
    is_problem(&david.get("/api/v1/events").await, 429);
    assert_eq!(open(&james, "/api/v1/events").await.unwrap().status(), 200);
    david.get("/conversations").await.expect(200);
    drop(answers);
    app.stop().await;
}
