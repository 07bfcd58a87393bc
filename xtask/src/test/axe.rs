//! axe-core, which looks for what keeps people out of a page.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use npm_utils::extract::{self, Select};
use npm_utils::package_json::lock::Lockfile;
use npm_utils::registry::Registry;
use npm_utils::{download, integrity};

const LOCK: &str = "crates/web/package-lock.json";
const INSTALLED: &str = "crates/web/node_modules/axe-core/axe.min.js";

/// Where its script lies: what `npm ci` has installed, else the locked version, fetched once.
pub(super) async fn find() -> anyhow::Result<PathBuf> {
    let installed = fs::canonicalize(INSTALLED);
    if let Ok(installed) = installed {
        return Ok(installed);
    }
    let fetched = tokio::task::spawn_blocking(fetch).await?;
    fetched.with_context(|| format!("axe-core, which {LOCK} names, could not be fetched"))
}

fn fetch() -> anyhow::Result<PathBuf> {
    // What npm-utils says went wrong is no error that anyhow takes as it is.
    let readable = |error: Box<dyn std::error::Error + Send + Sync>| anyhow!("{error}");
    let lock = Lockfile::parse(&fs::read_to_string(LOCK)?).map_err(readable)?;
    let axe = lock.packages.iter().find(|it| it.name == "axe-core");
    let axe = axe.context("it is not there")?;
    let digest = axe.integrity.as_deref().context("it has no integrity")?;

    let script = Path::new("target").join(format!("axe-core-{}.js", axe.version));
    if !script.is_file() {
        let tarball = download::fetch(&Registry::npm().tarball_url(&axe.name, &axe.version));
        let tarball = tarball.map_err(readable)?;
        integrity::verify(&axe.name, &tarball, digest).map_err(readable)?;
        // It gets its name once it is whole.
        fs::create_dir_all("target")?;
        let folder = tempfile::tempdir_in("target")?;
        let only = Select::Files(&[("axe.min.js", "axe.min.js")]);
        extract::tar_gz(&tarball, folder.path(), Some("package/"), only).map_err(readable)?;
        fs::rename(folder.path().join("axe.min.js"), &script)?;
    }
    Ok(fs::canonicalize(script)?)
}
