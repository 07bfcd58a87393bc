//! `cargo xtask bench`: what the chat costs, held against the bars it is to meet.
//!
//! The server is the release binary, in a process of its own with its own throw-away data; the
//! load comes from this one, over sockets, from people who have really signed in. Every answer is
//! looked at, every acknowledged message is read back and every event waited for: a fast wrong
//! answer is no figure but a failure. [`docs/performance.md`](../../../docs/performance.md) says
//! what each row is.

#[cfg(test)]
mod against_the_server;
mod arrivals;
mod closed_loop;
mod commits;
mod delivery;
mod growth;
mod house;
mod http;
mod inbox;
mod listing;
mod memory;
mod node;
mod open_loop;
mod page;
mod people;
mod percentiles;
mod pgbench;
mod reading;
mod report;
mod sending;
pub(crate) mod static_page;
mod stored;
mod storm;

use std::env;
use std::fmt;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use self::house::House;
use self::report::{Failure, Report};
use crate::dev::server;
use crate::interrupts::Interrupts;
use crate::{cargo, seed};

/// How many people there are in the small data set, all of them signed in.
const PEOPLE: u32 = 1_000;
const CONVERSATIONS: u32 = 2_000;
const MESSAGES: u64 = 200_000;

/// How many people of the large data set are signed in.
const READERS: u32 = 200;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Measures these rows only, such as F1,F4
    #[arg(long, value_name = "ROWS", value_delimiter = ',', ignore_case = true)]
    only: Vec<RowId>,

    /// For a short time and on small data: to see that it works, not how fast
    #[arg(long)]
    quick: bool,

    /// Where to write the figures
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    json: PathBuf,

    /// Where to draw how costs grow (row F7)
    #[arg(long, value_name = "FILE", default_value = "target/growth.svg")]
    plot: PathBuf,

    /// Compares with the figures of an earlier run
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

/// A row of the table of bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Deserialize, Serialize)]
#[value(rename_all = "verbatim")]
enum RowId {
    F1,
    F2,
    F3,
    F4,
    F5,
    F6,
    F7,
    F8,
    F10,
}

/// What all rows share.
struct Bench {
    server: PathBuf,
    folder: PathBuf,
    quick: bool,
    small_house: OnceCell<House>,
    big_house: OnceCell<House>,
}

/// Measures, prints the table and writes the JSON. Bars that are missed are no failure; wrong
/// answers are.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if cfg!(debug_assertions) {
        return in_release();
    }
    let earlier = arguments.against.as_deref().map(Report::read).transpose()?;
    let mut report = Report::begin(arguments.quick);
    allow_many_files()?;
    let server = server::build_release()?;

    let mut interrupts = Interrupts::hold()?;
    let folder = place()?;
    let bench = Bench {
        server,
        folder: folder.path().to_owned(),
        quick: arguments.quick,
        small_house: OnceCell::new(),
        big_house: OnceCell::new(),
    };
    let rows = if arguments.only.is_empty() {
        RowId::value_variants()
    } else {
        &arguments.only
    };
    tokio::select! {
        () = bench.measure(rows, &mut report) => {}
        _ = interrupts.next() => {}
    }
    drop(bench);
    folder.close()?;
    if let Some(code) = interrupts.exit_code() {
        return Ok(ExitCode::from(code));
    }

    report.print();
    report.write(&arguments.json)?;
    println!("\nwritten to {}", arguments.json.display());
    if !report.growth.is_empty() {
        report::write(&arguments.plot, &growth::plot(&report.growth))?;
        println!("drawn in {}", arguments.plot.display());
    }
    if let Some(earlier) = earlier {
        print!("\n{}", report::compare(&earlier, &report));
    }
    Ok(if report.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The same again by this crate's own release build, since a slow load would slow down what it
/// measures. Returns only when it cannot be started.
fn in_release() -> anyhow::Result<ExitCode> {
    let mut command = cargo(["run", "--quiet", "--release", "--package", "xtask", "--"]);
    command.args(env::args_os().skip(1));
    Err(command.as_std_mut().exec()).context("cannot start cargo")
}

/// Thousands of streams are files, here and at the server, which inherits the limit.
fn allow_many_files() -> anyhow::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("cannot raise the limit of open files")
}

/// A folder for all the data, which PostgreSQL's own user can get through.
fn place() -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("jbl-chat-bench-")
        .tempdir()?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711))?;
    Ok(folder)
}

impl Bench {
    async fn measure(&self, rows: &[RowId], report: &mut Report) {
        for &row in rows {
            println!("\n{row}: {}", row.title());
            match self.measure_row(row, report).await {
                Ok(measures) => report.measures.extend(measures),
                Err(error) => {
                    let why = format!("{error:#}");
                    println!("{row} failed: {why}");
                    report.failures.push(Failure { row, why });
                }
            }
        }
    }

    async fn measure_row(
        &self,
        row: RowId,
        report: &mut Report,
    ) -> anyhow::Result<Vec<report::Measure>> {
        match row {
            RowId::F1 => page::measure(self).await,
            RowId::F2 => sending::on_sqlite(self).await,
            RowId::F3 => sending::on_postgres(self).await,
            RowId::F4 => delivery::on_one_node(self).await,
            RowId::F5 => delivery::on_two_nodes(self).await,
            RowId::F6 => memory::measure(self).await,
            RowId::F7 => {
                report.growth = growth::series(self).await?;
                growth::measures(&report.growth)
            }
            RowId::F8 => storm::measure(self).await,
            RowId::F10 => growth::start(self).await,
        }
    }

    /// The small data set, made when it is first wanted.
    async fn small_house(&self) -> anyhow::Result<&House> {
        let build = || async {
            let plan = seed::Plan::new(PEOPLE, CONVERSATIONS, MESSAGES, 1)?;
            House::build(&self.server, plan, PEOPLE, &self.folder.join("small")).await
        };
        self.small_house.get_or_try_init(build).await
    }

    /// The large one.
    async fn big_house(&self) -> anyhow::Result<&House> {
        let build = || async {
            let (users, conversations, messages) = if self.quick {
                (10_000, 20_000, 500_000)
            } else {
                (100_000, 200_000, 10_000_000)
            };
            let plan = seed::Plan::new(users, conversations, messages, 1)?;
            House::build(&self.server, plan, READERS, &self.folder.join("big")).await
        };
        self.big_house.get_or_try_init(build).await
    }

    /// How long one measurement takes that has no length of its own.
    fn length(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { 5 })
    }
}

impl RowId {
    fn title(self) -> &'static str {
        match self {
            Self::F1 => "the page of a conversation",
            Self::F2 => "sending, on SQLite",
            Self::F3 => "sending, on PostgreSQL",
            Self::F4 => "delivery",
            Self::F5 => "delivery through two nodes",
            Self::F6 => "memory",
            Self::F7 => "growth",
            Self::F8 => "a storm of sign-ins",
            Self::F10 => "start",
        }
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Microseconds for each of so many.
fn per(time: Duration, how_many: usize) -> f64 {
    time.as_secs_f64() * 1e6 / number(how_many)
}

/// A count to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "nothing here is counted to 2^52"
)]
fn number(count: usize) -> f64 {
    count as f64
}
