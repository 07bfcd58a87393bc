//! What each command does.

pub mod backup;
pub mod migrate;
pub mod serve;
pub mod user;

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use tokio::runtime::Runtime;

use crate::logs;
use crate::settings::{Cli, Command};

/// Does what the command line says, on a runtime of its own.
///
/// # Errors
/// When it could not be done; the error, with its causes, is for the operator to read.
pub fn execute(cli: Cli) -> anyhow::Result<()> {
    let database = cli.database_url;
    // It ends after the threads that log.
    let _log = match &cli.command {
        Command::Serve(settings) => Some(logs::start(&settings.log, settings.log_format)?),
        Command::Migrate { .. } | Command::User(_) | Command::Backup { .. } => None,
    };
    let command = async {
        match cli.command {
            Command::Serve(settings) => serve::serve(&database, *settings).await,
            Command::Migrate { direction } => migrate::migrate(&database, direction).await,
            Command::User(command) => user::user(&database, command).await,
            Command::Backup { file } => backup::backup(&database, &file).await,
        }
    };
    Runtime::new()
        .context("cannot start threads")?
        .block_on(command)
}

/// Says something to the operator on standard output. Who stops reading it early, as `head`
/// does, has read enough.
fn say(text: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
