use std::ffi::OsString;
use std::path::Path;

use super::{axe, schemathesis};
use crate::services::{Nats, Postgres, SmallDisk};
use crate::{debian, programs};

/// Tests that need something running beside them. They are told by a segment of their path:
/// `storage::tests::postgres::…`, `server::browser::…`.
pub(super) struct Ring {
    title: &'static str,
    /// The module that holds its tests.
    pub(super) module: &'static str,
    packages: &'static [&'static str],
    is_installed: fn() -> bool,
}

const POSTGRES: Ring = Ring {
    title: "PostgreSQL",
    module: "postgres",
    packages: &["postgresql"],
    is_installed: || programs::postgres_folder().is_some(),
};

const NATS: Ring = Ring {
    title: "NATS",
    module: "nats",
    packages: &["nats-server"],
    is_installed: || programs::nats_server().is_some(),
};

const BROWSER: Ring = Ring {
    title: "browser",
    module: "browser",
    packages: &["chromium", "chromium-driver"],
    is_installed: || programs::browser().is_some(),
};

const AXE: Ring = Ring {
    title: "axe-core",
    module: "axe",
    packages: &[],
    is_installed: || true,
};

const SMALL_DISK: Ring = Ring {
    title: "small disk",
    module: "small_disk",
    packages: &[],
    is_installed: || true,
};

const SCHEMATHESIS: Ring = Ring {
    title: "schemathesis",
    module: "schemathesis",
    packages: &["python3-venv"],
    is_installed: schemathesis::can_be_installed,
};

/// What the tests get, and what they have to do without. The servers end when this is dropped.
#[derive(Default)]
pub(super) struct Rings {
    /// Variables that tell the tests where things are.
    pub(super) environment: Vec<(&'static str, OsString)>,
    pub(super) closed: Vec<Closed>,
    postgres: Option<Postgres>,
    nats: Option<Nats>,
    small_disk: Option<SmallDisk>,
}

/// A ring that cannot run.
pub(super) struct Closed {
    pub(super) ring: Ring,
    why: String,
}

/// Installs what is missing where that needs nobody's leave.
pub(super) fn install_missing() {
    let missing: Vec<&str> = [POSTGRES, NATS, BROWSER, SCHEMATHESIS]
        .iter()
        .filter(|ring| !(ring.is_installed)())
        .flat_map(|ring| ring.packages)
        .copied()
        .collect();
    if missing.is_empty() || !debian::can_install() {
        return;
    }
    if let Err(error) = debian::install(&missing) {
        eprintln!("{error:#}");
    }
}

impl Rings {
    /// Starts what the rings need, with everything they write in `folder`.
    pub(super) async fn open(folder: &Path) -> Self {
        let mut rings = Self::default();
        rings.open_postgres(folder).await;
        rings.open_nats(folder).await;
        rings.open_browser();
        rings.open_axe().await;
        rings.open_small_disk(folder);
        rings.open_schemathesis().await;
        rings
    }

    async fn open_postgres(&mut self, folder: &Path) {
        let Some(programs) = programs::postgres_folder() else {
            return self.close(POSTGRES, "no PostgreSQL server here");
        };
        match Postgres::start(&folder.join("postgres")).await {
            Ok(postgres) => {
                self.tell("TEST_POSTGRES_URL", postgres.url());
                self.tell("TEST_POSTGRES_PROGRAMS", programs);
                self.postgres = Some(postgres);
            }
            Err(error) => self.close(POSTGRES, &format!("{error:#}")),
        }
    }

    async fn open_nats(&mut self, folder: &Path) {
        let Some(program) = programs::nats_server() else {
            return self.close(NATS, "no NATS server here");
        };
        match Nats::start(&folder.join("nats")).await {
            Ok(nats) => {
                self.tell("TEST_NATS_URL", nats.url());
                self.tell("TEST_NATS_SERVER", program);
                self.nats = Some(nats);
            }
            Err(error) => self.close(NATS, &format!("{error:#}")),
        }
    }

    fn open_browser(&mut self) {
        match programs::browser() {
            Some(browser) => {
                self.tell("TEST_CHROMIUM", browser.chromium);
                self.tell("TEST_CHROMEDRIVER", browser.chromedriver);
            }
            None => self.close(BROWSER, "no Chromium with its driver here"),
        }
    }

    async fn open_axe(&mut self) {
        match axe::find().await {
            Ok(script) => self.tell("TEST_AXE", script),
            Err(error) => self.close(AXE, &format!("{error:#}")),
        }
    }

    fn open_small_disk(&mut self, folder: &Path) {
        match SmallDisk::mount(&folder.join("small-disk")) {
            Ok(disk) => {
                self.tell("TEST_SMALL_DISK", disk.folder());
                self.small_disk = Some(disk);
            }
            Err(error) => self.close(SMALL_DISK, &format!("{error:#}")),
        }
    }

    async fn open_schemathesis(&mut self) {
        if !(SCHEMATHESIS.is_installed)() {
            return self.close(SCHEMATHESIS, "no Python with venv here");
        }
        match schemathesis::find().await {
            Ok(program) => self.tell("TEST_SCHEMATHESIS", program),
            Err(error) => self.close(SCHEMATHESIS, &format!("{error:#}")),
        }
    }

    fn tell(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.environment.push((name, value.into()));
    }

    fn close(&mut self, ring: Ring, why: &str) {
        let why = why.trim_end().to_owned();
        self.closed.push(Closed { ring, why });
    }
}

impl Closed {
    /// Which ring it is, why it is closed and what would open it.
    pub(super) fn reason(&self) -> String {
        let Self { ring, why } = self;
        let packages = ring.packages.join(" ");
        if packages.is_empty() {
            return format!("{} ring ({why})", ring.title);
        }
        format!(
            "{} ring ({why}; it needs: apt-get install {packages})",
            ring.title
        )
    }
}
