//! `jbl-chat`: see the library of the same package.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::run(std::env::args_os())
}
