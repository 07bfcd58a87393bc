use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use nix::unistd::geteuid;

/// Room for a database of the tests, and soon full.
const SIZE: &str = "size=8m";

/// A file system in memory with little room, for as long as this value lives.
pub(crate) struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Makes this folder, which must not exist yet, and mounts it there. Only root can, and in many
    /// containers not even root.
    pub(crate) fn mount(folder: &Path) -> anyhow::Result<Self> {
        ensure!(
            cfg!(target_os = "linux") && geteuid().is_root(),
            "only root can mount a file system, on Linux"
        );
        fs::create_dir(folder)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "jbl-chat-test"])
            .arg(folder)
            .output()
            .context("cannot start mount")?;
        let why = String::from_utf8_lossy(&mounted.stderr);
        ensure!(
            mounted.status.success(),
            "no file system can be mounted: {why}"
        );
        let folder = folder.to_owned();
        Ok(Self { folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: what a test left running may still have a file open there.
        let unmounted = Command::new("umount").arg("-l").arg(&self.folder).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} could not be unmounted", self.folder.display());
        }
    }
}
