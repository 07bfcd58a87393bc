use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::place::{Place, Server};

#[test]
fn logs_for_machines_are_json() {
    let place = Place::migrated();
    let mut command = place.command(&["serve"]);
    command.env("LOG_FORMAT", "json");
    let server = Server::start(command);
    let line: Value = serde_json::from_str(&server.first_line).unwrap();
    assert_eq!(line["level"], "INFO");
    let message = format!("listening on http://{}", server.address);
    assert_eq!(line["message"], message.as_str());
}

#[tokio::test]
async fn the_log_holds_no_password_no_token_and_no_message_however_much_is_logged() {
    let place = Place::with_zoe();
    place
        .run(&["user", "add", "bob"], "battery staple\n")
        .succeeded();
    let mut command = place.command(&["serve"]);
    command
        .env("LOG", "trace")
        .stderr(std::fs::File::create(place.file("log")).expect("a log file"));
    let mut child = command.spawn().unwrap();
    let address = loop {
        let log = std::fs::read_to_string(place.file("log")).unwrap();
        if let Some((_, rest)) = log.split_once("listening on http://") {
            break rest
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned();
        }
        assert_eq!(child.try_wait().unwrap(), None, "{log}");
        tokio::task::yield_now().await;
    };
    let client = reqwest::Client::builder()
        .cookie_store(true)
        .build()
        .unwrap();
    let signed_in = client
        .post(format!("http://{address}/api/v1/session"))
        .json(&json!({"username": "zoe", "password": "correct horse"}))
        .send()
        .await
        .unwrap();
    assert_eq!(signed_in.status(), 201);
    let token = signed_in.cookies().next().unwrap().value().to_owned();
    let sent = client
        .post(format!(
            "http://{address}/api/v1/conversations/bob/messages"
        ))
        .json(&json!({"body": "meet me at the pier"}))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 201);
    let id = i32::try_from(child.id()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let log = std::fs::read_to_string(place.file("log")).unwrap();
    for secret in ["correct horse", token.as_str(), "meet me at the pier"] {
        assert!(!log.contains(secret), "{secret:?} is in {log}");
    }
}
