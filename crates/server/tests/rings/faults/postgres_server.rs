use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use tempfile::TempDir;

use super::node::free_address;
use crate::support::within;

/// A PostgreSQL server of a test's own, which can be stopped, started again where it was, and
/// stopped in its tracks.
pub(crate) struct PostgresServer {
    pub(crate) address: SocketAddr,
    programs: PathBuf,
    folder: TempDir,
    /// Whom it runs as when we are root, which it refuses to be.
    owner: Option<User>,
    running: Option<Child>,
}

impl PostgresServer {
    /// A new one, once it answers.
    pub(crate) async fn start() -> Self {
        let programs = std::env::var_os("TEST_POSTGRES_PROGRAMS")
            .expect("TEST_POSTGRES_PROGRAMS is not set: run the tests with `cargo xtask test`");
        let owner = geteuid().is_root().then(|| {
            let user = User::from_name("postgres").unwrap();
            user.expect("there is a user postgres")
        });
        let folder = tempfile::tempdir().unwrap();
        if let Some(owner) = &owner {
            let (user, group) = (owner.uid.as_raw(), owner.gid.as_raw());
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut server = Self {
            address: free_address(),
            programs: programs.into(),
            folder,
            owner,
            running: None,
        };
        let made = server
            .program("initdb")
            .args(["--pgdata=data", "--username=jbl", "--auth=trust"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        server.start_again().await;
        server
    }

    /// Its database, when it is reached at this address.
    pub(crate) fn url_at(address: SocketAddr) -> String {
        format!("postgres://jbl@{address}/postgres")
    }

    pub(crate) async fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let log = File::create(self.folder.path().join("log")).unwrap();
        let started = self
            .program("postgres")
            .args(["-D", "data", "-p", &self.address.port().to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories="])
            .args(["-c", "max_connections=100"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.running = Some(started.unwrap());
        let patience = Duration::from_mins(1);
        within(patience, "PostgreSQL answers", || async {
            let connection = migrations::connect(&Self::url_at(self.address))
                .await
                .ok()?;
            connection.close().await.ok()
        })
        .await;
    }

    /// Ends it as a crash would: it breaks every connection and writes nothing more.
    pub(crate) fn stop(&mut self) {
        let mut running = self.running.take().expect("it runs");
        kill(pid(&running), Signal::SIGQUIT).unwrap();
        running.wait().unwrap();
    }

    /// Nothing of it moves any more; its connections stay open.
    pub(crate) fn pause(&self) {
        self.signal_all(Signal::SIGSTOP);
    }

    /// It goes on.
    pub(crate) fn go_on(&self) {
        self.signal_all(Signal::SIGCONT);
    }

    /// To the server and the processes it has for its connections.
    fn signal_all(&self, signal: Signal) {
        let server = pid(self.running.as_ref().expect("it runs"));
        let children = format!("/proc/{server}/task/{server}/children");
        kill(server, signal).unwrap();
        for child in fs::read_to_string(children).unwrap().split_whitespace() {
            // One may have ended just now.
            let _ended = kill(Pid::from_raw(child.parse().unwrap()), signal);
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(owner) = &self.owner {
            command.uid(owner.uid.as_raw()).gid(owner.gid.as_raw());
        }
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.go_on();
            self.stop();
        }
    }
}

fn pid(process: &Child) -> Pid {
    Pid::from_raw(process.id().try_into().unwrap())
}
