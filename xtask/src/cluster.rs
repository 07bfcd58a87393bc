//! `cargo xtask cluster`: two nodes on one machine, as several would run on many.
//!
//! The PostgreSQL and the NATS server between them are made for this run and end with it. A proxy
//! is not part of it: whichever one likes can be put in front.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;

use crate::dev::{self, server};
use crate::interrupts::{Interrupts, in_own_group};
use crate::migrate::{self, Direction};
use crate::services::{Nats, Postgres};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where the two nodes listen, on 127.0.0.1
    #[arg(long, num_args = 2, value_names = ["PORT", "PORT"], default_values_t = [8001, 8002])]
    ports: Vec<u16>,
}

/// Builds, brings two nodes with the fixtures up and keeps them until Ctrl-C, which is its good
/// end. Nothing of it is left afterwards.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let addresses: Vec<String> = arguments
        .ports
        .iter()
        .map(|port| format!("127.0.0.1:{port}"))
        .collect();
    for address in &addresses {
        server::ensure_free(address, "--ports")?;
    }
    let binary = server::build()?;

    let mut interrupts = Interrupts::hold()?;
    let folder = tempfile::Builder::new()
        .prefix("jbl-chat-cluster-")
        .tempdir()?;
    // PostgreSQL may run as another user, who has to get through to its own folder.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711))?;
    let up = tokio::select! {
        up = Cluster::start(&binary, &addresses, folder.path()) => Some(up),
        _ = interrupts.next() => None,
    };
    let ended = match up {
        Some(Ok(cluster)) => cluster.run_until(&mut interrupts).await,
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    folder.close()?;
    ended.map(|()| ExitCode::SUCCESS)
}

/// Two nodes and what is between them. When dropped, all of it ends, the nodes first.
struct Cluster {
    nodes: Vec<Child>,
    _nats: Nats,
    _postgres: Postgres,
}

impl Cluster {
    /// Everything is ready when this returns, and whoever started it was told so.
    async fn start(binary: &Path, addresses: &[String], folder: &Path) -> anyhow::Result<Self> {
        let postgres = Postgres::start(&folder.join("postgres"))
            .await
            .context("this takes a PostgreSQL server (Debian: apt-get install postgresql)")?;
        let nats = Nats::start(&folder.join("nats"))
            .await
            .context("this takes a NATS server (Debian: apt-get install nats-server)")?;
        let database_url = postgres.url();
        migrate::run(Direction::Up, &database_url).await?;
        let sign_in = dev::prepare_accounts(&database_url).await?;

        let mut nodes = Vec::new();
        for address in addresses {
            let mut command = server::command(binary, &database_url);
            command
                .env("BROKER_URL", nats.url())
                .env("LISTEN_ADDR", address);
            nodes.push(in_own_group(&mut command).spawn()?);
        }
        for (node, address) in nodes.iter_mut().zip(addresses) {
            tokio::select! {
                () = server::is_ready(address) => {}
                status = node.wait() => bail!("the node at {address} ended: {}", status?),
            }
        }

        println!();
        for address in addresses {
            println!("  http://{address}");
        }
        println!("  NATS is {}, the database {database_url}", nats.url());
        dev::print_sign_in(sign_in.as_ref());
        Ok(Self {
            nodes,
            _nats: nats,
            _postgres: postgres,
        })
    }

    /// Until an interrupt, or until no node is left: one alone goes on, which is what they are for.
    async fn run_until(mut self, interrupts: &mut Interrupts) -> anyhow::Result<()> {
        tokio::select! {
            _ = interrupts.next() => {}
            status = all_ended(&mut self.nodes) => {
                status?;
                bail!("both nodes have ended");
            }
        }
        for node in &self.nodes {
            if let Some(id) = node.id() {
                // One that has just ended has no use for a signal.
                let _ = kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM);
            }
        }
        all_ended(&mut self.nodes).await
    }
}

async fn all_ended(nodes: &mut [Child]) -> anyhow::Result<()> {
    for node in nodes {
        node.wait().await?;
    }
    Ok(())
}
