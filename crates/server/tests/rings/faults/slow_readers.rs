//! R5: readers that stop reading.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::crowd::Crowd;
use super::reader::Reader;
use super::stage::Stage;
use super::writing::{read, write_many};
use crate::support::{Event, PASSWORD, TestClient, within};

const EVENTS: &str = "/api/v1/events";
const SLOW: usize = 10;
/// How many messages are sent to them, by so many senders at once.
const SENDERS: usize = 8;
const EACH: usize = 200;
/// How large each is: 8,000 characters of four bytes.
const BYTES: u64 = 32_000;
/// How much of that the program may keep: less than a third of what it was given.
const KEPT: u64 = SENDERS as u64 * EACH as u64 * BYTES / 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_reading_is_cut_off_troubles_nobody_and_resumes_whole() {
    let stage = Stage::single().await;
    let (database, doors) = (stage.database.url(), stage.doors());
    let (james, mary) = (
        stage.beside(0, "jamessmith").await,
        stage.beside(0, "marybrown").await,
    );
    let crowd = Crowd::gather("crowd", &database, &doors, SENDERS, 51).await;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        slow.push(Slow::open(stage.nodes[0].address).await);
    }
    crowd.goes_on_for(SENDERS).await;
    let before = stage.nodes[0].memory();

    let large = "🦀".repeat(7_900);
    let sending = (0..SENDERS).map(|_| write_many(&james, "marybrown", &large, EACH));
    futures_util::future::join_all(sending).await;
    let grown = stage.nodes[0].memory().saturating_sub(before);
    println!("memory grew by {} kB", grown / 1_024);
    assert!(grown < KEPT, "it grew by {grown} bytes");
    crowd.goes_on_for(SENDERS).await;

    // They are not here any more, as far as the server knows.
    within(Duration::from_secs(50), "they are cut off", || async {
        let mary = read(&james, "/api/v1/users/marybrown").await.unwrap();
        (mary["online"] == false).then_some(())
    })
    .await;
    let cursor = slow.remove(0).cursor;
    let resumed = Reader::after(mary.clone(), cursor).await;
    let patience = Duration::from_secs(15);
    resumed
        .has_all(SENDERS * EACH, "jamessmith", patience, &mary)
        .await;
    let verdict = crowd.verdict(&database).await;
    verdict.holds();
    assert_eq!(verdict.sent_again, 0, "others were disturbed");
    drop((resumed, slow));
    stage.remove().await;
}

/// A stream of Mary's that is read up to its first event.
struct Slow {
    _connection: TcpStream,
    cursor: String,
}

impl Slow {
    async fn open(address: SocketAddr) -> Self {
        let client = TestClient::new(address);
        let who = json!({ "username": "marybrown", "password": PASSWORD });
        let begun = client
            .json(Method::POST, "/api/v1/session", &who)
            .await
            .expect(201);
        let (cookie, _) = begun.header("set-cookie").split_once(';').unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut connection = socket.connect(address).await.unwrap();
        let request = format!("GET {EVENTS} HTTP/1.1\r\nhost: a\r\ncookie: {cookie}\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        while !text.contains("data: {}") {
            let mut piece = [0; 512];
            let read = connection.read(&mut piece).await.unwrap();
            assert!(read > 0, "{text}");
            text.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        }
        let (_head, mut body) = text
            .split_once("\r\n\r\n")
            .map(|(h, b)| (h, b.to_owned()))
            .unwrap();
        // The size of the chunk comes first.
        let mut body = body.split_off(body.find("event:").unwrap());
        body.push_str("\n\n");
        let first = Event::take_from(&mut body).unwrap();
        Self {
            _connection: connection,
            cursor: first.id,
        }
    }
}
