//! A folder to run the program in, and what became of a run.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tempfile::TempDir;

/// A folder with a database in it, or none yet.
pub(crate) struct Place {
    folder: TempDir,
}

pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder }
    }

    pub(crate) fn migrated() -> Self {
        let place = Self::new();
        place.run(&["migrate"], "").succeeded();
        place
    }

    pub(crate) fn with_zoe() -> Self {
        let place = Self::migrated();
        place
            .run(&["user", "add", "zoe"], "correct horse\n")
            .succeeded();
        place
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
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

    pub(crate) fn database(&self, name: &str) -> String {
        format!("sqlite://{}", self.file(name).display())
    }

    pub(crate) fn run(&self, args: &[&str], input: &str) -> Outcome {
        outcome(self.command(args), input)
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve"]))
    }
}

pub(crate) fn outcome(mut command: Command, input: &str) -> Outcome {
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
    pub(crate) fn succeeded(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""));
        self.out
    }

    /// It ended with `code` and said one line with all of `words` on standard error.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        assert!(self.err.starts_with("jbl-chat: "), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {}", self.err);
        }
    }
}

/// A running `serve`, ended with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) log: BufReader<ChildStderr>,
    pub(crate) first_line: String,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let log = BufReader::new(child.stderr.take().expect("it logs"));
        Self::following(child, log)
    }

    /// One that was started before, once its log says that it listens.
    pub(crate) fn following(child: Child, mut log: BufReader<ChildStderr>) -> Self {
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

    pub(crate) fn terminate(&self) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGTERM).expect("the server runs");
    }

    /// Waits for the end, and gives the exit code and the rest of the log.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).expect("a readable log");
        let status = self.child.wait().expect("it ends");
        (status.code(), rest)
    }

    pub(crate) fn stop(self) -> (Option<i32>, String) {
        self.terminate();
        self.ended()
    }

    pub(crate) async fn sign_in(&self, password: &str) -> reqwest::Response {
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

pub(crate) fn line_with(log: &mut impl BufRead, words: &str) -> String {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        let read = log.read_line(&mut line).expect("a readable log");
        assert!(read > 0, "the log ended without {words:?}");
    }
    line
}
