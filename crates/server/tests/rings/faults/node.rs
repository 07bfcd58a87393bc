use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use domain::{Clock as _, Ids as _, RandomIds, SystemClock};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::Instant;

use crate::support::{TestClient, within};

/// A process of the program on a port of its own. It can be killed, and started again where it was.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    database: String,
    broker: Option<String>,
    running: Option<Child>,
}

impl Node {
    /// A new one, once it is ready; with a broker when there are others.
    pub(crate) async fn start(database: String, broker: Option<String>) -> Self {
        let mut node = Self {
            address: free_address(),
            database,
            broker,
            running: None,
        };
        node.start_again().await;
        node
    }

    pub(crate) async fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let mut command = program(&self.database, &["serve"]);
        command
            .env("LISTEN_ADDR", self.address.to_string())
            .env("SEND_RATE", "off")
            .env("LOGIN_RATE", "off")
            .env("LOG", "warn");
        if let Some(broker) = &self.broker {
            command.env("BROKER_URL", broker);
        }
        self.running = Some(command.spawn().unwrap());
        within(Duration::from_secs(30), "the node is ready", || async {
            self.is_ready().await.then_some(())
        })
        .await;
    }

    /// Whether it says that it can do its work.
    pub(crate) async fn is_ready(&self) -> bool {
        let client = TestClient::new(self.address);
        let probe = client.request(reqwest::Method::GET, "/readyz").send().await;
        probe.is_ok_and(|answer| answer.status() == 200)
    }

    /// Asks it to end, and waits until it has: how it ended, and how long that took.
    pub(crate) async fn terminate(&mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        kill(self.id(), Signal::SIGTERM).unwrap();
        let mut running = self.running.take().expect("it runs");
        let status = within(Duration::from_mins(1), "the node has ended", || {
            let status = running.try_wait().unwrap();
            async move { status }
        })
        .await;
        (status, asked.elapsed())
    }

    /// Bytes of its memory that are in use.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap() * 1_024
    }

    pub(crate) fn is_running(&mut self) -> bool {
        let running = self.running.as_mut();
        running.is_some_and(|running| running.try_wait().unwrap().is_none())
    }

    fn id(&self) -> Pid {
        let id = self.running.as_ref().expect("it runs").id();
        Pid::from_raw(id.try_into().unwrap())
    }

    /// How many files and connections it has open.
    #[cfg(target_os = "linux")]
    pub(super) fn open_files(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.id()));
        files.unwrap().count()
    }

    /// `kill -9`: it finishes nothing and tells nobody.
    pub(crate) fn kill(&mut self) {
        let mut running = self.running.take().expect("it runs");
        running.kill().unwrap();
        running.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.kill();
        }
    }
}

/// Makes or upgrades the schema.
pub(crate) fn migrate(database: &str) {
    let status = program(database, &["migrate"]).status().unwrap();
    assert!(status.success());
}

/// What it logs stands in the test's output.
fn program(database: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jbl-chat"));
    command
        .args(args)
        .env_clear()
        .env("DATABASE_URL", database)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Where nobody listens. Below the ports that the system gives to outgoing connections, so that
/// none of those takes it while a process is down.
pub(crate) fn free_address() -> SocketAddr {
    loop {
        let [.., high, low] = *RandomIds.uuid(SystemClock.now()).as_bytes();
        let port = 20_000 + u16::from_be_bytes([high, low]) % 12_000;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
