//! `cargo xtask soak`: real nodes, many who write and read, and random faults for as long as one
//! likes. What they promise is checked all the while; docs/reliability.md says what that is.
//!
//! The faults are those of the tests: that code is in `crates/server/tests/soak`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;

use anyhow::Context;
use domain::{Clock as _, SystemClock};

use crate::interrupts::{Interrupts, code_of, in_own_group};
use crate::test::leftovers;
use crate::{cargo, debian, fuzz, programs};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long
    #[arg(long, default_value_t = 20)]
    minutes: u64,

    /// The seed of the first round; each further one has one more. A round's faults are the same for
    /// the same seed
    #[arg(long)]
    seed: Option<u64>,

    /// Two nodes on PostgreSQL with NATS between them, or one on SQLite
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    nodes: u8,

    /// Afterwards try each reader of outside input for a minute, as `fuzz` does
    #[arg(long)]
    fuzz: bool,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let missing = programs::postgres_folder().is_none() || programs::nats_server().is_none();
    if missing && debian::can_install() {
        debian::install(&["postgresql", "nats-server"])?;
    }
    let postgres = programs::postgres_folder().context("no PostgreSQL server here")?;
    let nats = programs::nats_server().context("no NATS server here")?;
    // Any will do that is told.
    let now = SystemClock.now().unix_millis().unsigned_abs();
    let seed = arguments.seed.unwrap_or(now % 1_000_000);
    println!("the first seed is {seed}");

    let mut interrupts = Interrupts::hold()?;
    leftovers::adopt();
    let folder = tempfile::Builder::new()
        .prefix("jbl-chat-soak-")
        .tempdir()?;
    // PostgreSQL may run as another user, who has to get through to its own folder.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
    // Of the whole workspace, as the tests are built, so that nothing is built twice.
    let mut command = cargo(["test", "--workspace", "--test", "soak"]);
    command
        .args(["--", "--nocapture", "--exact", "soak"])
        .env("TEST_POSTGRES_PROGRAMS", postgres)
        .env("TEST_NATS_SERVER", nats)
        .env("TMPDIR", folder.path())
        .env("SOAK_MINUTES", arguments.minutes.to_string())
        .env("SOAK_SEED", seed.to_string())
        .env("SOAK_NODES", arguments.nodes.to_string());
    let mut soak = in_own_group(&mut command).spawn()?;
    let status = interrupts.wait_for(&mut soak).await;
    leftovers::end_all();
    folder.close()?;
    let status = status?;
    if arguments.fuzz && status.success() {
        return fuzz::run(fuzz::Arguments::everything()).await;
    }
    Ok(ExitCode::from(code_of(status)))
}
