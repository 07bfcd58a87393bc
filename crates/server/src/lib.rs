//! Wires the rooms together and gives them a command line: the binary `jbl-chat`.
//!
//! [`settings`] are parsed once; [`commands`] say what happens; [`wiring`] builds the domain's
//! services on their adapters; [`listener`] brings requests to the router of the `web` crate;
//! [`metrics`] says how all of them are doing.
//!
//! # What never happens here
//! No rule of the chat, no SQL and no HTML. `serve` never makes or changes a schema and never
//! makes an account: it refuses a schema that is not its own and says what to run. No setting is
//! read and ignored, and no secret is printed or logged.
//!
//! # To add a setting or a command
//! A field or variant in [`settings`], with a parser whose error says what is allowed and a test
//! in `tests/commands/`; a command gets a file in [`commands`]; and both a line in
//! `docs/operating.md`.

pub mod cause;
pub mod commands;
pub mod limits;
pub mod listener;
pub mod logs;
pub mod metrics;
pub mod schema;
pub mod settings;
pub mod wiring;

use std::ffi::OsString;
use std::process::ExitCode;

use settings::{Cli, NotParsed};

/// What the process exits with when its arguments or settings are wrong.
const USAGE: u8 = 2;

/// Runs a command line, the program's name included, and says what to exit with: 0 when it was
/// done, 1 when it failed, 2 when it was not understood. What went wrong is one line on standard
/// error.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::read(args) {
        Ok(cli) => cli,
        Err(NotParsed::Wrong(line)) => {
            eprintln!("jbl-chat: {line}");
            return ExitCode::from(USAGE);
        }
        Err(NotParsed::Asked(text)) => {
            let printed = text.print();
            let code = u8::try_from(text.exit_code()).unwrap_or(USAGE);
            return printed.map_or(ExitCode::FAILURE, |()| ExitCode::from(code));
        }
    };
    match commands::execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jbl-chat: {}", cause::line(&error));
            ExitCode::FAILURE
        }
    }
}
