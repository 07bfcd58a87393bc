//! The project's own commands: `cargo xtask` lists them.
//!
//! Every path is meant from the root of the workspace, wherever a command is called. What never
//! happens here: anything that a running server needs. The binary `jbl-chat` does without cargo
//! and without this crate.

mod arch;
mod bench;
mod cluster;
mod debian;
mod dev;
mod fuzz;
mod interrupts;
mod migrate;
mod programs;
mod screenshots;
mod seed;
mod services;
mod soak;
mod test;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tokio::process::Command;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,

    /// The database to work on, `sqlite://FILE` or `postgres://…`
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://data/jbl-chat.db"
    )]
    database_url: String,
}

#[derive(clap::Subcommand)]
enum Task {
    /// Build, bring the database up, load the fixtures if nobody is there, and serve
    Dev,
    /// Build and serve on two nodes, with a PostgreSQL and a NATS server brought up for them
    Cluster(cluster::Arguments),
    /// Run every test, with a PostgreSQL, a NATS server and a browser brought up for them
    Test(test::Arguments),
    /// Break everything at random while many send, and see that every promise holds
    Soak(soak::Arguments),
    /// Bring the schema up or down
    #[command(subcommand, arg_required_else_help = true)]
    Migrate(migrate::Direction),
    /// Load fixtures, or a large made-up data set
    Seed(seed::SeedArgs),
    /// Take pictures of the chat with its fixtures, and say what a browser says of its pages
    Screenshots,
    /// Measure what the chat costs, and hold it against the bars in docs/performance.md
    Bench(bench::Arguments),
    /// Serve one file, for `bench` to compare with
    #[command(hide = true)]
    StaticPage(bench::static_page::Arguments),
    /// Feed everything that reads outside input with what a fuzzer makes up
    Fuzz(fuzz::Arguments),
    /// Check that no crate depends on what it must not
    Arch,
}

#[tokio::main]
async fn main() -> ExitCode {
    run(Arguments::parse()).await.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { task, database_url } = arguments;
    enter_root()?;
    match task {
        Task::Dev => return dev::run(&database_url).await,
        Task::Cluster(arguments) => return cluster::run(arguments).await,
        Task::Test(arguments) => return test::run(arguments).await,
        Task::Soak(arguments) => return soak::run(arguments).await,
        Task::Screenshots => return screenshots::run().await,
        Task::Bench(arguments) => return bench::run(arguments).await,
        Task::Fuzz(arguments) => return fuzz::run(arguments).await,
        Task::StaticPage(arguments) => bench::static_page::run(arguments).await?,
        Task::Migrate(direction) => migrate::run(direction, &database_url).await?,
        Task::Seed(arguments) => seed::run(arguments, &database_url).await?,
        Task::Arch => arch::run()?,
    }
    Ok(ExitCode::SUCCESS)
}

fn enter_root() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.context("xtask lies outside of a workspace")?;
    env::set_current_dir(root).with_context(|| format!("cannot enter {}", root.display()))
}

/// The cargo that runs this crate, with `arguments`. What it has told us about our own package is
/// kept from it: build scripts that watch these variables would run again, and everything above
/// them would be built anew, at each change between us and a shell.
fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}
