//! `cargo xtask test`: every test, with what it needs brought up for it and taken down again.

mod axe;
mod counts;
pub(crate) mod leftovers;
mod rings;
mod runner;
mod schemathesis;

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use self::counts::Counts;
use self::rings::Rings;
use self::runner::Runner;
use crate::interrupts::Interrupts;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Arguments for the test runner, such as part of a test's name; examples in the
    /// documentation are then left out
    #[arg(last = true, value_name = "RUNNER ARGUMENTS")]
    runner: Vec<String>,
}

/// Runs the tests; the last line printed is `N passed, N failed, N skipped`.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    rings::install_missing();
    let mut interrupts = Interrupts::hold()?;
    leftovers::adopt();
    let folder = tempfile::Builder::new()
        .prefix("jbl-chat-test-")
        .tempdir()?;
    // PostgreSQL may run as another user, who has to get through to its own folder.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
    let counts = run_in(folder.path(), &arguments, &mut interrupts).await;
    leftovers::end_all();
    folder.close()?;

    let counts = counts?;
    println!("{counts}");
    Ok(match interrupts.exit_code() {
        Some(code) => ExitCode::from(code),
        None if counts.failed > 0 || counts.passed == 0 => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    })
}

async fn run_in(
    folder: &Path,
    arguments: &Arguments,
    interrupts: &mut Interrupts,
) -> anyhow::Result<Counts> {
    let mut rings = tokio::select! {
        rings = Rings::open(folder) => rings,
        _ = interrupts.next() => return Ok(Counts::default()),
    };
    let temporary = folder.join("tmp");
    fs::create_dir(&temporary)?;
    rings.environment.push(("TMPDIR", temporary.into()));

    let mut counts = Runner::of_tests(&arguments.runner, &rings.closed)
        .run(&rings.environment, interrupts)
        .await?;
    let all_are_wanted = arguments.runner.is_empty() && interrupts.exit_code().is_none();
    // What does not compile fails once.
    if all_are_wanted && counts.passed > 0 {
        let doc_tests = Runner::of_doc_tests();
        counts = counts.plus(doc_tests.run(&rings.environment, interrupts).await?);
    }
    Ok(counts.plus(report_closed(&rings)))
}

/// Says what did not run. Where nobody looks (`CI`), that is a failure.
fn report_closed(rings: &Rings) -> Counts {
    let mut failures = Counts::default();
    for closed in &rings.closed {
        if env::var_os("CI").is_some() {
            println!("failed: {}", closed.reason());
            failures.failed += 1;
        } else {
            println!("skipped: {}", closed.reason());
        }
    }
    failures
}
