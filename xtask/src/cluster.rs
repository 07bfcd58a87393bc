//! `cargo xtask cluster`: two nodes on one machine, as several would run on many.
//!
//! The PostgreSQL and the NATS server between them are made for this run and end with it, and so is
//! the proxy in front of them, where nginx is installed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;

use crate::dev::{self, server};
use crate::interrupts::{Interrupts, in_own_group};
use crate::migrate::{self, Direction};
use crate::programs;
use crate::services::{Nats, Nginx, Postgres};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where the two nodes listen, on 127.0.0.1
    #[arg(long, num_args = 2, value_names = ["PORT", "PORT"], default_values_t = [8001, 8002])]
    ports: Vec<u16>,

    /// Where the proxy in front of them listens, on 127.0.0.1
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    proxy_port: u16,
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
    let proxy = programs::nginx().map(|program| Proxy {
        program,
        address: format!("127.0.0.1:{}", arguments.proxy_port),
    });
    if let Some(proxy) = &proxy {
        server::ensure_free(&proxy.address, "--proxy-port")?;
    }
    let binary = server::build()?;

    let mut interrupts = Interrupts::hold()?;
    let folder = tempfile::Builder::new()
        .prefix("jbl-chat-cluster-")
        .tempdir()?;
    // PostgreSQL may run as another user, who has to get through to its own folder.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711))?;
    let up = tokio::select! {
        up = Cluster::start(&binary, &addresses, proxy.as_ref(), folder.path()) => Some(up),
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

/// The proxy to put in front.
struct Proxy {
    program: PathBuf,
    address: String,
}

/// Two nodes, what is between them, and what is in front. When dropped, all of it ends, the nodes first.
struct Cluster {
    _nginx: Option<Nginx>,
    nodes: Vec<Child>,
    _nats: Nats,
    _postgres: Postgres,
}

impl Cluster {
    /// Everything is ready when this returns, and whoever started it was told so.
    async fn start(
        binary: &Path,
        addresses: &[String],
        proxy: Option<&Proxy>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
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
            if let Some(proxy) = proxy {
                command
                    .env("PUBLIC_URL", format!("http://{}", proxy.address))
                    .env("TRUSTED_PROXIES", "127.0.0.1");
            }
            nodes.push(in_own_group(&mut command).spawn()?);
        }
        for (node, address) in nodes.iter_mut().zip(addresses) {
            tokio::select! {
                () = server::is_ready(address) => {}
                status = node.wait() => bail!("the node at {address} ended: {}", status?),
            }
        }

        let mut nginx = None;
        if let Some(Proxy { program, address }) = proxy {
            let folder = folder.join("nginx");
            nginx = Some(Nginx::start(program, &folder, address, addresses).await?);
        }

        println!();
        match proxy {
            Some(proxy) => println!("  http://{} is nginx, in front of", proxy.address),
            None => println!("  no nginx is installed to put in front of"),
        }
        for address in addresses {
            println!("  http://{address}");
        }
        println!("  NATS is {}, the database {database_url}", nats.url());
        dev::print_sign_in(sign_in.as_ref());
        Ok(Self {
            _nginx: nginx,
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
