//! Where programs are that the tests need.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// A headless browser and what drives it.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// The folder that holds `initdb`, `postgres` and `pg_ctl`: the one on the `PATH`, else the
/// newest that Debian has put beside it, else where PostgreSQL's own build installs.
pub(crate) fn postgres_folder() -> Option<PathBuf> {
    let on_path = find("initdb").and_then(|initdb| Some(initdb.parent()?.to_owned()));
    let elsewhere = debian_postgres_folders()
        .into_iter()
        .chain(["/usr/local/bin".into(), "/usr/local/pgsql/bin".into()]);
    on_path.into_iter().chain(elsewhere).find(|folder| {
        ["initdb", "postgres", "pg_ctl"]
            .iter()
            .all(|program| folder.join(program).is_file())
    })
}

/// PostgreSQL's own benchmark, beside the server if it is there: Debian has a link of this name on
/// the `PATH`, to a wrapper that goes by the name it is called.
pub(crate) fn pgbench() -> Option<PathBuf> {
    let beside_server = postgres_folder().map(|folder| folder.join("pgbench"));
    beside_server
        .filter(|program| program.is_file())
        .or_else(|| find("pgbench"))
}

/// Chromium (or Chrome) with its driver; `None` when either is missing.
pub(crate) fn browser() -> Option<Browser> {
    let chromium = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    Some(Browser {
        chromium: chromium.iter().find_map(|name| find(name))?,
        chromedriver: find("chromedriver")?,
    })
}

/// The NATS server, which Debian installs where only root's `PATH` may look.
pub(crate) fn nats_server() -> Option<PathBuf> {
    find("nats-server").or_else(|| {
        let debian = PathBuf::from("/usr/sbin/nats-server");
        debian.is_file().then_some(debian)
    })
}

/// The proxy, which Debian installs where only root's `PATH` may look.
pub(crate) fn nginx() -> Option<PathBuf> {
    find("nginx").or_else(|| {
        let debian = PathBuf::from("/usr/sbin/nginx");
        debian.is_file().then_some(debian)
    })
}

/// A program on the `PATH`, with links resolved.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .and_then(|found| fs::canonicalize(found).ok())
}

fn debian_postgres_folders() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut versions: Vec<u32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions
        .into_iter()
        .map(|version| Path::new("/usr/lib/postgresql").join(format!("{version}/bin")))
        .collect()
}
