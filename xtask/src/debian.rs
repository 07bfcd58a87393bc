//! Debian's packages.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::programs;

/// Whether packages can be installed without asking anybody: as root, with Debian's apt.
pub(crate) fn can_install() -> bool {
    let debian = Path::new("/etc/debian_version").exists() && programs::find("apt-get").is_some();
    debian && nix::unistd::geteuid().is_root()
}

/// Installs `packages`, saying so.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    println!("installing Debian packages: {}", packages.join(" "));
    apt_get(&["update", "--quiet"])?;
    let mut arguments = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    apt_get(&arguments)
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()
        .context("cannot start apt-get")?;
    ensure!(
        status.success(),
        "apt-get {} ended with {status}",
        arguments.join(" ")
    );
    Ok(())
}
