//! `cargo xtask fuzz`: everything that reads what comes from outside, fed by libFuzzer.
//!
//! The targets are a crate of their own in `fuzz/`, built with counters in every branch: by the stable
//! compiler, as LLVM does that for any language, and without a sanitizer of memory, as the project
//! has no unsafe code. libFuzzer itself is C++.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, bail, ensure};
use tokio::process::Command;

use crate::cargo;

/// What is tried when nothing is named; `fuzz/src/main.rs` knows them.
const TARGETS: [&str; 8] = [
    "cursors", "events", "fixtures", "hashes", "headers", "requests", "settings", "values",
];

/// What has LLVM count and compare.
const RUSTFLAGS: [&str; 8] = [
    "--cfg",
    "fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// How many lines say what broke, at the end of all that libFuzzer says.
const LAST_WORDS: usize = 20;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to try; everything when nothing is named
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    targets: Vec<String>,

    /// How long each is tried
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u32,
}

impl Arguments {
    /// Each target, for a minute.
    pub(crate) fn everything() -> Self {
        Self {
            targets: Vec::new(),
            seconds: 60,
        }
    }
}

/// Tries one target after another; an input that breaks a promise is kept and named, and is a
/// failure.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let program = build().await?;
    let targets = match arguments.targets {
        all if all.is_empty() => TARGETS.map(str::to_owned).into(),
        named => named,
    };
    let (mut tried, mut violations) = (0, 0);
    for target in &targets {
        let outcome = fuzz(&program, target, arguments.seconds).await?;
        let Outcome { inputs, broken } = &outcome;
        println!(
            "{target:10} {inputs:>12} inputs {:>6}",
            if *broken { "BROKEN" } else { "held" }
        );
        tried += inputs;
        violations += u32::from(*broken);
    }
    println!("{tried} inputs tried, {violations} violations");
    Ok(ExitCode::from(u8::from(violations > 0)))
}

struct Outcome {
    inputs: u64,
    broken: bool,
}

/// Builds the targets beside everything else, and gives the program.
async fn build() -> anyhow::Result<PathBuf> {
    let folder = target_folder()?;
    let host = host().await?;
    // The versions that the server is built of; cargo adds libFuzzer to them.
    fs::copy("Cargo.lock", "fuzz/Cargo.lock")?;
    let mut command = cargo(["build", "--quiet", "--manifest-path", "fuzz/Cargo.toml"]);
    // With the target named, build scripts and macros do without the counters.
    command.args(["--target", &host]);
    command.arg("--target-dir").arg(&folder);
    command.env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\u{1f}"));
    let status = command.status().await.context("cannot start cargo")?;
    ensure!(status.success(), "the targets could not be built");
    Ok(folder.join(host).join("debug/fuzz"))
}

fn target_folder() -> anyhow::Result<PathBuf> {
    let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    Ok(env::current_dir()?.join(folder).join("fuzz"))
}

async fn host() -> anyhow::Result<String> {
    let asked = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .arg("-vV")
        .output()
        .await
        .context("cannot start rustc")?;
    let said = String::from_utf8(asked.stdout)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .context("rustc does not say what it builds for")?
        .to_owned())
}

async fn fuzz(program: &Path, target: &str, seconds: u32) -> anyhow::Result<Outcome> {
    let corpus = target_folder()?.join("corpus").join(target);
    fs::create_dir_all(&corpus)?;
    let broken = target_folder()?.join(format!("broken-{target}-"));
    let ran = Command::new(program)
        .arg(&corpus)
        .arg(format!("fuzz/seeds/{target}"))
        .arg("-dict=fuzz/dictionary.txt")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}", broken.display()))
        .args([
            "-max_len=4096",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ])
        .env("FUZZ_TARGET", target)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("cannot start {}", program.display()))?;
    let said = String::from_utf8_lossy(&ran.stderr);
    if !ran.status.success() {
        let lines: Vec<_> = said.lines().collect();
        eprintln!(
            "{}",
            lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n")
        );
    }
    let Some(inputs) = inputs_in(&said) else {
        bail!("{target}: libFuzzer does not say how many inputs it tried");
    };
    Ok(Outcome {
        inputs,
        broken: !ran.status.success(),
    })
}

fn inputs_in(said: &str) -> Option<u64> {
    let mut counts = said.lines().filter_map(|line| {
        let count = line.strip_prefix("stat::number_of_executed_units:")?;
        count.trim().parse().ok()
    });
    counts.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_says_is_counted() {
        let said = "Done 7 runs in 2 second(s)\nstat::number_of_executed_units: 382705\nstat::x: 1";
        assert_eq!(inputs_in(said), Some(382_705));
        assert_eq!(inputs_in("==1== ERROR"), None);
    }

    #[test]
    fn every_target_is_known_to_the_program_and_has_something_to_begin_with() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let program = fs::read_to_string(root.join("src/main.rs")).unwrap();
        for target in TARGETS {
            assert!(program.contains(&format!("(\"{target}\", targets::{target}::run)")));
            assert!(root.join("seeds").join(target).is_dir(), "{target}");
        }
        assert_eq!(program.matches("::run)").count(), TARGETS.len());
    }
}
