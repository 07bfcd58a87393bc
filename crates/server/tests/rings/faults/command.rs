use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// A command that is not done by then does not end.
const PATIENCE: Duration = Duration::from_mins(1);

/// What became of a command of the program.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

/// Runs one to its end, beside whatever serves the database.
pub(super) async fn run(database: &str, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jbl-chat"));
    command
        .args(args)
        .env_clear()
        .env("DATABASE_URL", database)
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = timeout(PATIENCE, command.output()).await;
    let output = ended
        .unwrap_or_else(|_| panic!("{args:?} does not end"))
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Ran {
    /// What it printed, provided that it went well.
    #[track_caller]
    pub(super) fn succeeded(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""));
        self.out
    }

    /// It failed with one line that has all of these words in it.
    #[track_caller]
    pub(super) fn failed(self, words: &[&str]) {
        assert_eq!(self.code, Some(1), "{}{}", self.out, self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {}", self.err);
        }
    }
}
