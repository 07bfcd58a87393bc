//! Schemathesis, which makes up requests out of the API's own document.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use anyhow::{Context, bail};
use tokio::process::Command;

/// Exactly these versions of it and of everything it needs.
const REQUIREMENTS: &str = include_str!("schemathesis.txt");

/// Whether there is a Python that can make a place for it.
pub(super) fn can_be_installed() -> bool {
    let look = ["-c", "import ensurepip, venv"];
    let look = std::process::Command::new("python3").args(look).output();
    look.is_ok_and(|looked| looked.status.success())
}

/// Where the program lies: installed once, into a virtual environment beside what cargo builds.
pub(super) async fn find() -> anyhow::Result<PathBuf> {
    let version = REQUIREMENTS
        .lines()
        .find_map(|line| line.strip_prefix("schemathesis=="))
        .context("its version is not there")?;
    let folder = env::current_dir()?.join(format!("target/schemathesis-{version}"));
    let wanted = folder.join("requirements.txt");
    // It is written last, so that what was interrupted is done again.
    if !fs::read_to_string(&wanted).is_ok_and(|found| found == REQUIREMENTS) {
        install(&folder).await?;
        fs::rename(folder.join("new.txt"), &wanted)?;
    }
    Ok(folder.join("bin/schemathesis"))
}

async fn install(folder: &Path) -> anyhow::Result<()> {
    println!("fetching schemathesis from PyPI");
    let make = ["-m", "venv", "--clear"].map(OsStr::new);
    run("python3", &[&make[..], &[folder.as_os_str()]].concat()).await?;
    let list = folder.join("new.txt");
    fs::write(&list, REQUIREMENTS)?;
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"].map(OsStr::new);
    let all = ["install", "--no-deps", "--only-binary", ":all:", "-r"].map(OsStr::new);
    let arguments = [&pip[..], &all[..], &[list.as_os_str()]].concat();
    run(folder.join("bin/python"), &arguments).await
}

async fn run(program: impl AsRef<OsStr>, arguments: &[&OsStr]) -> anyhow::Result<()> {
    let program = program.as_ref();
    let mut command = Command::new(program);
    let ran = command.args(arguments).stdin(Stdio::null()).output().await;
    let ran = ran.with_context(|| format!("cannot start {}", program.display()))?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        bail!(
            "{} ended with {}: {}",
            program.display(),
            ran.status,
            last.unwrap_or("?")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_fixed() {
        for line in REQUIREMENTS.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.contains("=="), "{line}");
        }
    }
}
