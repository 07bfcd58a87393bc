use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::free_port;
use crate::programs;

/// How often a start is tried again when somebody took the free port first.
const ATTEMPTS: usize = 3;
/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A NATS server for as long as this value lives. It listens on 127.0.0.1 only, lets everybody in
/// and writes nothing but its log.
pub(crate) struct Nats {
    port: u16,
    /// It is killed when dropped: there is nothing it could lose.
    server: Child,
}

impl Nats {
    /// Starts one with its log in `folder`, which must not exist yet, and waits until it listens.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let program = programs::nats_server().context("no NATS server found")?;
        fs::create_dir(folder)?;
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            let log = File::create(folder.join("log"))?;
            let server = Command::new(&program)
                .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log)
                .process_group(0)
                .kill_on_drop(true)
                .spawn()
                .context("cannot start nats-server")?;
            let mut started = Self { port, server };
            let listens = timeout(PATIENCE, started.listens()).await;
            if listens.context("NATS did not answer in time")?? {
                return Ok(started);
            }
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("NATS ended at once:\n{log}");
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Waits until a connection is accepted; false when the server has ended before.
    async fn listens(&mut self) -> anyhow::Result<bool> {
        loop {
            if self.server.try_wait()?.is_some() {
                return Ok(false);
            }
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return Ok(true);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_listens_while_it_is_held_and_is_gone_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let nats = Nats::start(&folder.path().join("nats")).await.unwrap();
        let address = ("127.0.0.1", nats.port);
        TcpStream::connect(address).await.unwrap();
        drop(nats);
        let gone = async {
            while TcpStream::connect(address).await.is_ok() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, gone).await.unwrap();
    }
}
