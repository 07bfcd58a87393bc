use std::io::{BufReader, Read, Write};
use std::net::TcpStream;

use crate::place::{Place, Server, line_with};

#[test]
fn serving_is_refused_without_a_database_and_makes_none() {
    let place = Place::new();
    place
        .run(&["serve"], "")
        .failed(1, &["no database", "chat.db", "jbl-chat migrate"]);
    place
        .run(&["user", "list"], "")
        .failed(1, &["jbl-chat migrate"]);
    place
        .run(&["migrate", "status"], "")
        .failed(1, &["jbl-chat migrate"]);
    place
        .run(&["backup", "copy.db"], "")
        .failed(1, &["jbl-chat migrate"]);
    assert!(!place.file("chat.db").exists() && !place.file("copy.db").exists());
}

#[test]
fn serving_is_refused_on_a_schema_that_is_behind() {
    let place = Place::migrated();
    let undone = place.run(&["migrate", "down"], "").succeeded();
    assert!(undone.starts_with("undid "), "{undone}");
    place
        .run(&["serve"], "")
        .failed(1, &["behind", "jbl-chat migrate", "cargo xtask migrate up"]);
    let status = place.run(&["migrate", "status"], "").succeeded();
    assert!(status.contains("applied  ") && status.contains("pending  "));

    let applied = place.run(&["migrate", "up"], "").succeeded();
    assert!(applied.starts_with("applied ") && applied.ends_with("the schema is current\n"));
    let status = place.run(&["migrate", "status"], "").succeeded();
    assert!(!status.contains("pending  "), "{status}");
    let again = place.run(&["migrate"], "").succeeded();
    assert_eq!(again, "the schema is current\n");
}

#[tokio::test]
async fn a_backup_made_while_serving_is_a_database_that_serves() {
    let place = Place::with_zoe();
    let server = place.serve();
    // To SQLite the second would be a URI, and the third no file at all.
    let names = ["copy.db", "file:copy.db", ":memory:"];
    for name in names {
        let copied = place.run(&["backup", name], "").succeeded();
        assert_eq!(copied, format!("wrote {name}\n"));
        place
            .run(&["backup", name], "")
            .failed(1, &[name, "exists already"]);
    }
    assert_eq!(server.stop().0, Some(0));

    for (n, name) in names.into_iter().enumerate() {
        let restored_as = format!("restored-{n}.db");
        std::fs::rename(place.file(name), place.file(&restored_as)).unwrap();
        let mut command = place.command(&["serve"]);
        command.env("DATABASE_URL", place.database(&restored_as));
        let restored = Server::start(command);
        assert_eq!(restored.sign_in("correct horse").await.status(), 201);
    }
}

#[test]
fn a_server_is_alive_and_ready() {
    let place = Place::migrated();
    let server = place.serve();
    for path in ["/healthz", "/readyz"] {
        let mut client = TcpStream::connect(&server.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{path}: {answer}");
    }
}

#[test]
fn stopping_answers_a_request_that_was_taken_and_exits_with_0() {
    let place = Place::migrated();
    let mut server = place.serve();
    let mut client = TcpStream::connect(&server.address).unwrap();
    let head = "POST /login HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\n\
        content-type: application/x-www-form-urlencoded\r\ncontent-length: 31\r\n\r\n";
    client.write_all(head.as_bytes()).unwrap();
    // The server says so when it begins to read the body: the request is taken.
    let mut taken = [0; 25];
    client.read_exact(&mut taken).unwrap();
    assert_eq!(&taken, b"HTTP/1.1 100 Continue\r\n\r\n");

    server.terminate();
    line_with(&mut server.log, "stopping");
    assert!(TcpStream::connect(&server.address).is_err());
    client
        .write_all(b"username=nobody&password=guess!")
        .unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");

    let (code, log) = server.ended();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("cut off"), "{log}");
}

#[tokio::test]
async fn figures_are_served_where_they_were_asked_for_and_until_the_end() {
    let place = Place::with_zoe();
    let mut command = place.command(&["serve"]);
    command.env("METRICS_ADDR", "127.0.0.1:0");
    let mut child = command.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let line = line_with(&mut log, "figures for Prometheus at http://");
    let url = line.trim_end().rsplit_once("at ").unwrap().1.to_owned();
    let server = Server::following(child, log);
    assert_eq!(server.sign_in("correct horse").await.status(), 201);

    let figures = reqwest::get(&url).await.unwrap().text().await.unwrap();
    for line in [
        "jbl_sign_ins_total{outcome=\"signed_in\"} 1",
        "jbl_request_seconds_count{route=\"/api/v1/session\",method=\"POST\",status=\"201\"} 1",
    ] {
        assert!(
            figures.lines().any(|l| l == line),
            "no {line} in\n{figures}"
        );
    }
    assert_eq!(server.stop().0, Some(0));
    assert!(reqwest::get(&url).await.is_err());
}

#[tokio::test]
async fn no_figures_are_served_that_nobody_asked_for() {
    let place = Place::migrated();
    let server = place.serve();
    let url = format!("http://{}/metrics", server.address);
    assert_eq!(reqwest::get(url).await.unwrap().status(), 404);
    let (_, log) = server.stop();
    assert!(!log.contains("Prometheus"), "{log}");
}
