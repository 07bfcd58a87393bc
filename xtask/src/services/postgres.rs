use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use nix::unistd::{Gid, Uid, User, geteuid};
use sea_orm_migration::sea_orm::Database;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::free_port;
use crate::programs;

/// How often a start is tried again when somebody took the free port first.
const ATTEMPTS: usize = 3;
/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A PostgreSQL server with an empty database, for as long as this value lives. It listens on
/// 127.0.0.1 only and lets everybody in as the superuser `jbl`.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<Owner>,
    port: u16,
    server: Child,
}

/// The user the server runs as when we are root, which PostgreSQL refuses to be.
#[derive(Clone, Copy)]
struct Owner {
    user: Uid,
    group: Gid,
}

impl Postgres {
    /// Makes a cluster in `folder`, which must not exist yet and lie where any user of the machine
    /// can enter, and waits until it answers.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let programs = programs::postgres_folder().context("no PostgreSQL server found")?;
        let owner = if geteuid().is_root() {
            Some(Owner::postgres()?)
        } else {
            None
        };
        fs::create_dir(folder)?;
        if let Some(Owner { user, group }) = owner {
            chown(folder, Some(user.as_raw()), Some(group.as_raw()))?;
        }
        make_cluster(&programs, folder, owner).await?;
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            let mut started = Self {
                server: spawn_server(&programs, folder, owner, port)?,
                programs: programs.clone(),
                folder: folder.to_owned(),
                owner,
                port,
            };
            let answers = timeout(PATIENCE, started.answers()).await;
            if answers.context("PostgreSQL did not answer in time")?? {
                return Ok(started);
            }
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("PostgreSQL ended at once:\n{log}");
    }

    /// Where it is, with the role that may do everything.
    pub(crate) fn url(&self) -> String {
        format!("postgres://jbl@127.0.0.1:{}/postgres", self.port)
    }

    /// Waits until a connection is accepted; false when the server has ended before.
    async fn answers(&mut self) -> anyhow::Result<bool> {
        loop {
            if self.server.try_wait()?.is_some() {
                return Ok(false);
            }
            if let Ok(connection) = Database::connect(self.url()).await {
                connection.close().await?;
                return Ok(true);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = command(&self.programs, "pg_ctl", &self.folder, self.owner);
        stop.args(["stop", "--silent", "--mode=immediate", "--pgdata=data"]);
        let stopped = stop.as_std_mut().stderr(Stdio::null()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            // It has ended by itself, or hears nothing any more.
            let _ = self.server.start_kill();
        }
        while matches!(self.server.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Owner {
    /// Debian's `postgres`, made when this machine does not have it.
    fn postgres() -> anyhow::Result<Self> {
        let find = || User::from_name("postgres").context("cannot read the users of this machine");
        if find()?.is_none() {
            println!("adding the system user postgres, since PostgreSQL does not run as root");
            let status = std::process::Command::new("useradd")
                .args(["--system", "--user-group", "--no-create-home", "postgres"])
                .status()
                .context("cannot start useradd")?;
            ensure!(status.success(), "useradd postgres ended with {status}");
        }
        let user = find()?.context("there is no user postgres")?;
        Ok(Self {
            user: user.uid,
            group: user.gid,
        })
    }
}

async fn make_cluster(programs: &Path, folder: &Path, owner: Option<Owner>) -> anyhow::Result<()> {
    let output = command(programs, "initdb", folder, owner)
        .args(["--pgdata=data", "--username=jbl", "--auth=trust"])
        .args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
        .output()
        .await
        .context("cannot start initdb")?;
    ensure!(
        output.status.success(),
        "initdb ended with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

fn spawn_server(
    programs: &Path,
    folder: &Path,
    owner: Option<Owner>,
    port: u16,
) -> anyhow::Result<Child> {
    let log = File::create(folder.join("log"))?;
    command(programs, "postgres", folder, owner)
        .args(["-D", "data", "-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories="])
        .args(["-c", "max_connections=300"])
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("cannot start postgres")
}

/// One of PostgreSQL's programs, in `folder` and as its owner, away from the terminal's Ctrl-C.
fn command(programs: &Path, program: &str, folder: &Path, owner: Option<Owner>) -> Command {
    let mut command = Command::new(programs.join(program));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(Owner { user, group }) = owner {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    command
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    #[tokio::test]
    async fn a_server_answers_while_it_is_held_and_is_gone_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(
            folder.path(),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        let postgres = Postgres::start(&folder.path().join("postgres"))
            .await
            .unwrap();
        let port = postgres.port;
        let connection = Database::connect(postgres.url()).await.unwrap();
        connection.ping().await.unwrap();
        drop(postgres);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    }
}
