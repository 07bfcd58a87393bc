//! The program as an operator meets it: the real binary, its arguments, its environment, its
//! exit codes and what it prints.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with a database in it, or none yet.
struct Place {
    folder: TempDir,
}

struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder }
    }

    fn migrated() -> Self {
        let place = Self::new();
        place.run(&["migrate"], "").succeeded();
        place
    }

    fn with_zoe() -> Self {
        let place = Self::migrated();
        place
            .run(&["user", "add", "zoe"], "correct horse\n")
            .succeeded();
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jbl-chat"));
        command
            .args(args)
            .env_clear()
            .env("DATABASE_URL", self.database("chat.db"))
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn database(&self, name: &str) -> String {
        format!("sqlite://{}", self.file(name).display())
    }

    fn run(&self, args: &[&str], input: &str) -> Outcome {
        outcome(self.command(args), input)
    }

    fn serve(&self) -> Server {
        Server::start(self.command(&["serve"]))
    }
}

fn outcome(mut command: Command, input: &str) -> Outcome {
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it has an input");
    // A program that fails before it reads closes its end.
    let _unread = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    Outcome {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Outcome {
    #[track_caller]
    fn succeeded(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""));
        self.out
    }

    /// It ended with `code` and said one line with all of `words` on standard error.
    #[track_caller]
    fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        assert!(self.err.starts_with("jbl-chat: "), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {}", self.err);
        }
    }
}

/// A running `serve`, ended with the test.
struct Server {
    child: Child,
    address: String,
    log: BufReader<ChildStderr>,
    first_line: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let mut log = BufReader::new(child.stderr.take().expect("it logs"));
        let first_line = line_with(&mut log, "listening on http://");
        let (_, address) = first_line.split_once("http://").expect("it has an address");
        let address = address
            .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'))
            .next()
            .expect("it has an address")
            .to_owned();
        Self {
            child,
            address,
            log,
            first_line,
        }
    }

    fn terminate(&self) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGTERM).expect("the server runs");
    }

    /// Waits for the end, and gives the exit code and the rest of the log.
    fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).expect("a readable log");
        let status = self.child.wait().expect("it ends");
        (status.code(), rest)
    }

    fn stop(self) -> (Option<i32>, String) {
        self.terminate();
        self.ended()
    }

    async fn sign_in(&self, password: &str) -> reqwest::Response {
        reqwest::Client::new()
            .post(format!("http://{}/api/v1/session", self.address))
            .json(&json!({"username": "zoe", "password": password}))
            .send()
            .await
            .expect("an answer")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

fn line_with(log: &mut impl BufRead, words: &str) -> String {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        let read = log.read_line(&mut line).expect("a readable log");
        assert!(read > 0, "the log ended without {words:?}");
    }
    line
}

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
    assert!(status.contains("applied  ") && status.contains("missing  "));

    let applied = place.run(&["migrate", "up"], "").succeeded();
    assert!(applied.starts_with("applied ") && applied.ends_with("the schema is current\n"));
    let status = place.run(&["migrate", "status"], "").succeeded();
    assert!(!status.contains("missing  "), "{status}");
    let again = place.run(&["migrate"], "").succeeded();
    assert_eq!(again, "the schema is current\n");
}

#[test]
fn an_operator_makes_lists_and_changes_accounts() {
    let place = Place::migrated();
    let add = ["user", "add", "zoe", "--display-name", "Zoë Quinn"];
    let added = place.run(&add, "correct horse\n").succeeded();
    assert_eq!(added, "added zoe\n");
    place
        .run(&["user", "add", "ZOE"], "battery staple\n")
        .failed(1, &["ZOE", "taken"]);

    let list = place.run(&["user", "list"], "").succeeded();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(lines[0].starts_with("USERNAME  DISPLAY NAME  "), "{list}");
    assert!(lines[1].starts_with("zoe       Zoë Quinn     "), "{list}");
    assert!(lines[1].ends_with("Z  never      enabled"), "{list}");

    place.run(&["user", "disable", "Zoe"], "").succeeded();
    let list = place.run(&["user", "list"], "").succeeded();
    assert!(list.contains("disabled 20"), "{list}");
    place.run(&["user", "enable", "zoe"], "").succeeded();
    let list = place.run(&["user", "list"], "").succeeded();
    assert!(!list.contains("disabled"), "{list}");
}

#[rstest]
#[case::bad_name(&["user", "add", "a b"], "correct horse\n", 2, &["<NAME>", "letters"])]
#[case::no_name(&["user", "add"], "correct horse\n", 2, &["<NAME>"])]
#[case::bad_display_name(&["user", "add", "bob", "--display-name", " "], "correct horse\n", 2, &["--display-name", "empty"])]
#[case::no_password(&["user", "add", "bob"], "", 1, &["password", "first line"])]
#[case::short_password(&["user", "add", "bob"], "horse\n", 1, &["password", "at least 8"])]
#[case::common_password(&["user", "add", "bob"], "password\n", 1, &["password", "commonest"])]
#[case::unknown_to_passwd(&["user", "passwd", "bob"], "correct horse\n", 1, &["no user bob"])]
#[case::unknown_to_disable(&["user", "disable", "bob"], "", 1, &["no user bob"])]
#[case::unknown_to_enable(&["user", "enable", "bob"], "", 1, &["no user bob"])]
#[case::unknown_command(&["user", "remove", "bob"], "", 2, &["remove"])]
fn bad_input_about_an_account_changes_nothing_and_says_why(
    #[case] args: &[&str],
    #[case] input: &str,
    #[case] code: i32,
    #[case] words: &[&str],
) {
    let place = Place::migrated();
    place.run(args, input).failed(code, words);
    let list = place.run(&["user", "list"], "").succeeded();
    assert_eq!(list.lines().count(), 1, "{list}");
}

#[tokio::test]
async fn a_new_password_signs_in_and_the_old_one_no_longer() {
    let place = Place::with_zoe();
    let server = place.serve();
    assert_eq!(server.sign_in("correct horse").await.status(), 201);
    let changed = place
        .run(&["user", "passwd", "zoe"], "battery staple\r\n")
        .succeeded();
    assert!(changed.contains("zoe"), "{changed}");
    assert_eq!(server.sign_in("correct horse").await.status(), 401);
    assert_eq!(server.sign_in("battery staple").await.status(), 201);
    place.run(&["user", "disable", "zoe"], "").succeeded();
    assert_eq!(server.sign_in("battery staple").await.status(), 401);
}

#[tokio::test]
async fn a_backup_made_while_serving_is_a_database_that_serves() {
    let place = Place::with_zoe();
    let server = place.serve();
    let copied = place.run(&["backup", "copy.db"], "").succeeded();
    assert_eq!(copied, "wrote copy.db\n");
    place
        .run(&["backup", "copy.db"], "")
        .failed(1, &["copy.db", "exists already"]);
    assert_eq!(server.stop().0, Some(0));

    let mut command = place.command(&["serve"]);
    command.env("DATABASE_URL", place.database("copy.db"));
    let restored = Server::start(command);
    assert_eq!(restored.sign_in("correct horse").await.status(), 201);
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

#[rstest]
#[case("LISTEN_ADDR", "8000", &["127.0.0.1:8000"])]
#[case("LISTEN_ADDR", "localhost:http", &["127.0.0.1:8000"])]
#[case("PUBLIC_URL", "chat.example.com", &["https://"])]
#[case("PUBLIC_URL", "https://example.com/chat", &["no path"])]
#[case("SEND_RATE", "10", &["N/s", "burst=M", "off"])]
#[case("SEND_RATE", "0/s", &["N/s", "from 1"])]
#[case("LOGIN_RATE", "5/day", &["N/min", "off"])]
#[case("TRUSTED_PROXIES", "10.0.0.1,proxy", &["\"proxy\"", "192.168.0.0/16"])]
#[case("LOG", "inof", &["warn", "debug"])]
#[case("LOG_FORMAT", "xml", &["text", "json"])]
#[case("BROKER_URL", "nats://me:secret@localhost", &["only the in-process broker"])]
#[case("METRICS_ADDR", "127.0.0.1:9000", &["no metrics listener"])]
#[case("DATABASE_URL", "mysql://me:secret@localhost/chat", &["sqlite:", "postgres://"])]
fn a_bad_setting_stops_the_start_with_a_line_that_names_it(
    #[case] name: &str,
    #[case] value: &str,
    #[case] words: &[&str],
) {
    let place = Place::migrated();
    let mut command = place.command(&["serve"]);
    command.env(name, value);
    let by_environment = outcome(command, "");
    by_environment.failed(2, &[&[name], words].concat());
    assert!(!by_environment.err.contains("secret"));

    let flag = format!("--{}", name.to_lowercase().replace('_', "-"));
    let mut command = place.command(&["serve", &flag, value]);
    command.env_remove(name);
    outcome(command, "").failed(2, &[&[name], words].concat());
}

#[test]
fn an_unknown_flag_stops_the_start() {
    let place = Place::migrated();
    place
        .run(&["serve", "--brokr-url", "x"], "")
        .failed(2, &["--brokr-url"]);
    place.run(&["srve"], "").failed(2, &["srve"]);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let place = Place::migrated();
    let mut command = place.command(&["serve"]);
    for name in [
        "PUBLIC_URL",
        "SEND_RATE",
        "LOGIN_RATE",
        "TRUSTED_PROXIES",
        "LOG",
        "LOG_FORMAT",
        "BROKER_URL",
        "METRICS_ADDR",
    ] {
        command.env(name, "");
    }
    assert_eq!(Server::start(command).stop().0, Some(0));
}

#[test]
fn help_lists_every_setting_and_its_default_and_no_secret() {
    let place = Place::new();
    let mut command = place.command(&["serve", "--help"]);
    command.env("DATABASE_URL", "postgres://me:secret@localhost/chat");
    let help = outcome(command, "").succeeded();
    for word in [
        "DATABASE_URL",
        "sqlite://data/jbl-chat.db",
        "BROKER_URL",
        "LISTEN_ADDR",
        "127.0.0.1:8000",
        "PUBLIC_URL",
        "METRICS_ADDR",
        "SEND_RATE",
        "10/s,burst=40",
        "LOGIN_RATE",
        "5/min,burst=10",
        "TRUSTED_PROXIES",
        "LOG",
        "info",
        "LOG_FORMAT",
    ] {
        assert!(help.contains(word), "no {word} in {help}");
    }
    assert!(!help.contains("secret"), "{help}");
}

#[test]
fn the_database_can_be_named_before_and_after_the_command() {
    let place = Place::new();
    let (a, b) = (place.database("a.db"), place.database("new/b.db"));
    place
        .run(&["--database-url", &a, "migrate"], "")
        .succeeded();
    place
        .run(&["migrate", "up", "--database-url", &b], "")
        .succeeded();
    assert!(place.file("a.db").exists() && place.file("new/b.db").exists());
    assert!(!place.file("chat.db").exists());
}

#[test]
fn a_taken_address_is_named() {
    let place = Place::migrated();
    let server = place.serve();
    let mut command = place.command(&["serve"]);
    command.env("LISTEN_ADDR", &server.address);
    outcome(command, "").failed(1, &["LISTEN_ADDR", &server.address]);
}

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
