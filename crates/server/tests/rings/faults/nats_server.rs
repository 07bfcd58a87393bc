use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tokio::net::TcpStream;

use super::node::free_address;
use crate::support::eventually;

/// A NATS server of a test's own, which can be stopped and started again where it was.
pub(crate) struct NatsServer {
    pub(crate) address: SocketAddr,
    running: Option<Child>,
}

impl NatsServer {
    /// A new one, once it listens.
    pub(crate) async fn start() -> Self {
        let mut server = Self {
            address: free_address(),
            running: None,
        };
        server.start_again().await;
        server
    }

    pub(crate) async fn start_again(&mut self) {
        let program = std::env::var("TEST_NATS_SERVER")
            .expect("TEST_NATS_SERVER is not set: run the tests with `cargo xtask test`");
        let port = self.address.port().to_string();
        let started = Command::new(program)
            .args(["-a", "127.0.0.1", "-p", &port])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.running = Some(started.unwrap());
        eventually("NATS listens", || async {
            TcpStream::connect(self.address).await.ok()
        })
        .await;
    }

    /// Kills it.
    pub(crate) fn stop(&mut self) {
        let mut running = self.running.take().expect("it runs");
        running.kill().unwrap();
        running.wait().unwrap();
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.stop();
        }
    }
}
