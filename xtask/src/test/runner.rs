use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::num::NonZero;
use std::process::{ExitStatus, Stdio};
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::counts::{Counts, Dialect};
use super::rings::Closed;
use crate::interrupts::{Interrupts, in_own_group};
use crate::{cargo, programs};

/// One call of a test runner.
pub(super) struct Runner {
    command: Command,
    dialect: Dialect,
}

impl Runner {
    /// All tests but those in documentation; only those that `filter` (the runner's own
    /// arguments) lets through, and none of a closed ring.
    pub(super) fn of_tests(filter: &[String], closed: &[Closed]) -> Self {
        if programs::find("cargo-nextest").is_some() {
            let mut command = cargo(["nextest", "run", "--workspace", "--no-fail-fast"]);
            // Most tests count for two of these: .config/nextest.toml says which.
            let processors = available_parallelism().map_or(1, NonZero::get);
            command.args(["--test-threads", &(2 * processors).to_string()]);
            if !closed.is_empty() {
                command.args(["-E", &none_of(closed)]);
            }
            command.args(filter);
            return Self {
                command,
                dialect: Dialect::Nextest,
            };
        }
        let mut command = cargo(["test", "--workspace", "--no-fail-fast"]);
        command.args(["--lib", "--bins", "--tests", "--"]);
        for Closed { ring, .. } in closed {
            command.args(["--skip", &format!("{}::", ring.module)]);
        }
        command.args(filter);
        Self {
            command,
            dialect: Dialect::Libtest,
        }
    }

    /// The examples in the documentation.
    pub(super) fn of_doc_tests() -> Self {
        Self {
            command: cargo(["test", "--workspace", "--no-fail-fast", "--doc"]),
            dialect: Dialect::Libtest,
        }
    }

    /// Runs it to its end, printing as it goes. Tests find what they need in `environment`. A run
    /// that breaks without naming a failed test counts as one failure: nothing passes by crashing.
    pub(super) async fn run(
        mut self,
        environment: &[(&'static str, OsString)],
        interrupts: &mut Interrupts,
    ) -> anyhow::Result<Counts> {
        if io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none() {
            self.command.env("CARGO_TERM_COLOR", "always");
        }
        self.command.envs(environment.iter().cloned());
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = in_own_group(&mut self.command)
            .spawn()
            .context("cannot start cargo")?;
        let stdout = child.stdout.take().context("no output to read")?;
        let stderr = child.stderr.take().context("no output to read")?;
        let stdout = tokio::spawn(pass_on(stdout, io::stdout(), self.dialect));
        let stderr = tokio::spawn(pass_on(stderr, io::stderr(), self.dialect));
        let status = interrupts.wait_for(&mut child).await?;
        let counts = rest_of(stdout).await.plus(rest_of(stderr).await);
        Ok(with_breakage(counts, status))
    }
}

/// A filter expression for nextest that leaves out the tests of every closed ring. It is one
/// expression because nextest runs what any of several lets through.
fn none_of(closed: &[Closed]) -> String {
    let modules: Vec<&str> = closed.iter().map(|closed| closed.ring.module).collect();
    format!("not test(/(^|::)({})(::|$)/)", modules.join("|"))
}

/// Prints what comes in, line by line, and adds up the summaries in it.
async fn pass_on(
    from: impl AsyncRead + Unpin,
    mut to: impl Write,
    dialect: Dialect,
) -> io::Result<Counts> {
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    let mut counts = Counts::default();
    while lines.read_until(b'\n', &mut line).await? > 0 {
        to.write_all(&line)?;
        let summary = Counts::of_line(&String::from_utf8_lossy(&line), dialect);
        counts = counts.plus(summary.unwrap_or_default());
        line.clear();
    }
    Ok(counts)
}

/// What was counted up to the end of the output. A process left over by a test may hold the pipe
/// open for ever; by then the runner itself has said everything.
async fn rest_of(mut output: JoinHandle<io::Result<Counts>>) -> Counts {
    match timeout(Duration::from_secs(5), &mut output).await {
        Ok(Ok(Ok(counts))) => counts,
        Ok(Ok(Err(error))) => {
            eprintln!("cannot pass on the output of the tests: {error}");
            Counts::default()
        }
        Ok(Err(panic)) => {
            eprintln!("cannot read the output of the tests: {panic}");
            Counts::default()
        }
        Err(_late) => {
            output.abort();
            Counts::default()
        }
    }
}

fn with_breakage(counts: Counts, status: ExitStatus) -> Counts {
    if status.success() || counts.failed > 0 {
        return counts;
    }
    eprintln!("the test runner ended with {status}");
    Counts {
        failed: 1,
        ..counts
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[tokio::test]
    async fn output_is_passed_on_unchanged_and_summed_up() {
        let output = b"one \xff\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\nlast";
        let mut printed = Vec::new();
        let counts = pass_on(output.as_slice(), &mut printed, Dialect::Libtest)
            .await
            .unwrap();
        assert_eq!(printed, output);
        assert_eq!(counts.to_string(), "3 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn a_run_that_breaks_without_a_failed_test_counts_as_a_failure() {
        let broken = ExitStatus::from_raw(101 << 8);
        let passed = Counts {
            passed: 3,
            ..Counts::default()
        };
        assert_eq!(with_breakage(passed, broken).failed, 1);
        assert_eq!(with_breakage(passed, ExitStatus::from_raw(0)), passed);
        let failed = Counts {
            failed: 2,
            ..passed
        };
        assert_eq!(with_breakage(failed, broken).failed, 2);
    }
}
