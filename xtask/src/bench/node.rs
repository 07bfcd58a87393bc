use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::http::{Connection, Request};
use crate::dev::server;
use crate::interrupts::in_own_group;
use crate::services::free_port;

/// How long a start or an end may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Settings that the caller's environment must not change.
const OTHERS: &[&str] = &[
    "BROKER_URL",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
    "LOG",
    "LOG_FORMAT",
    "METRICS_ADDR",
];

/// A server under measurement: a process of its own, with its log in a file.
pub(super) struct Node {
    child: Child,
    pid: i32,
    log: PathBuf,
    pub(super) address: String,
    /// From its start until it was ready.
    pub(super) start: Duration,
}

impl Node {
    /// `jbl-chat serve` with default settings but for its rate limits, which are off.
    pub(super) async fn serve(
        binary: &Path,
        database_url: &str,
        broker_url: Option<&str>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let mut command = server::command(binary, database_url);
        for name in OTHERS {
            command.env_remove(name);
        }
        command.env("SEND_RATE", "off").env("LOGIN_RATE", "off");
        if let Some(url) = broker_url {
            command.env("BROKER_URL", url);
        }
        Self::start(command, "/readyz", folder).await
    }

    /// Starts any server that takes its address from `LISTEN_ADDR` and waits until it answers 200
    /// at `probe`.
    pub(super) async fn start(
        mut command: Command,
        probe: &str,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let log = folder.join(format!("log-{}", address.replace(':', "-")));
        let output = File::create(&log)?;
        command
            .env("LISTEN_ADDR", &address)
            .stdout(output.try_clone()?)
            .stderr(output);
        let started = Instant::now();
        let child = in_own_group(&mut command)
            .stdin(Stdio::null())
            .spawn()
            .context("cannot start the server")?;
        let pid = i32::try_from(child.id().context("the server has no id")?)?;
        let mut node = Self {
            child,
            pid,
            log,
            address,
            start: Duration::ZERO,
        };
        let ready = timeout(PATIENCE, node.is_ready(probe)).await;
        ready.context("the server was not ready in time")??;
        node.start = started.elapsed();
        Ok(node)
    }

    /// Processor time it has taken so far, to the hundredth of a second.
    pub(super) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        cpu_of_stat(&stat).context("cannot read the server's processor time")
    }

    /// Bytes of memory it has in use.
    pub(super) fn resident(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        resident_of_status(&status).context("cannot read the server's memory")
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it ends badly or has complained in its log.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(self.pid), Signal::SIGTERM)?;
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .context("the server does not end")??;
        let log = fs::read_to_string(&self.log)?;
        ensure!(status.success(), "the server ended with {status}:\n{log}");
        let complaints: Vec<&str> = log.lines().filter(|line| is_complaint(line)).collect();
        if let Some(first) = complaints.first() {
            bail!("the server complained {} times: {first}", complaints.len());
        }
        Ok(())
    }

    async fn is_ready(&mut self, probe: &str) -> anyhow::Result<()> {
        let request = Request::get(probe, "");
        loop {
            if let Some(status) = self.child.try_wait()? {
                let log = fs::read_to_string(&self.log)?;
                bail!("the server ended at once with {status}:\n{log}");
            }
            if let Ok(mut connection) = Connection::open(&self.address).await
                && connection.ask(&request).await?.status == 200
            {
                return Ok(());
            }
            sleep(Duration::from_millis(2)).await;
        }
    }
}

fn is_complaint(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words
        .nth(1)
        .is_some_and(|level| matches!(level, "WARN" | "ERROR"))
}

/// The fields 14 and 15, in hundredths of a second. The name, the second, may hold spaces.
fn cpu_of_stat(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

fn resident_of_status(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u32 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(f64::from(kibibytes) * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_that_of_the_program_and_the_kernel_for_it() {
        let stat = "7 (jbl (chat) 1) S 1 7 7 0 -1 4194304 100 0 0 0 123 45 9 9 20 0 8 0 100";
        assert_eq!(cpu_of_stat(stat), Some(Duration::from_millis(1_680)));
        assert_eq!(cpu_of_stat("7 (x) S 1"), None);
    }

    #[test]
    fn memory_is_what_is_resident() {
        let status = "Name:\tx\nVmHWM:\t  900 kB\nVmRSS:\t  16 kB\nThreads:\t4\n";
        assert_eq!(resident_of_status(status), Some(16_384.0));
    }

    #[test]
    fn warnings_and_errors_are_complaints() {
        assert!(is_complaint(
            "2026-01-01T00:00:00Z  WARN web: a stream ended"
        ));
        assert!(is_complaint("2026-01-01T00:00:00Z ERROR web: broken"));
        assert!(!is_complaint("2026-01-01T00:00:00Z  INFO web: ERROR"));
    }
}
