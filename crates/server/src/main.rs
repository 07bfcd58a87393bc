//! `jbl-chat`: see the library of the same package.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A page is made of some thousand small pieces: see `docs/performance.md` for what this saves.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    server::run(std::env::args_os())
}
