//! Brings htmx into the build: the exact version that `package-lock.json` names, or the folder
//! that `npm ci` made of it, or the one that `HTMX_DIST` names. Whichever it is, the bytes must
//! have the digest written here, or the build fails.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use npm_utils::extract::{self, Select};
use npm_utils::package_json::lock::Lockfile;
use npm_utils::registry::Registry;
use npm_utils::{download, integrity};

#[path = "src/assets/digest.rs"]
mod digest;

use digest::{digest, verified};

/// Files of htmx 4.0.1 and their SHA-256.
const FILES: [(&str, &str); 1] = [(
    "htmx.min.js",
    "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
)];

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for input in ["build.rs", "package-lock.json", "src/assets"] {
        println!("cargo::rerun-if-changed={input}");
    }
    println!("cargo::rerun-if-env-changed=HTMX_DIST");

    let mut script = Vec::new();
    let dist = htmx_dist(&here, &out)?;
    for (file, digest) in FILES {
        script.extend(verified(&dist.join(file), digest)?);
        script.push(b'\n');
    }
    // One file: scripts that load separately can start in the wrong order.
    script.extend(fs::read(here.join("src/assets/app.js"))?);
    let style = fs::read(here.join("src/assets/app.css"))?;
    let icon = fs::read(here.join("src/assets/icon.svg"))?;

    // The manifest names the icon, so it comes last.
    let manifest = fs::read_to_string(here.join("src/assets/app.webmanifest"))?
        .replace("icon.svg", &digested("icon", "svg", &icon));

    let mut code = String::new();
    for (constant, stem, extension, content_type, bytes) in [
        (
            "SCRIPT",
            "app",
            "js",
            "text/javascript; charset=utf-8",
            &script,
        ),
        ("STYLE", "app", "css", "text/css; charset=utf-8", &style),
        ("ICON", "icon", "svg", "image/svg+xml", &icon),
        (
            "MANIFEST",
            "app",
            "webmanifest",
            "application/manifest+json",
            &manifest.into_bytes(),
        ),
    ] {
        let name = digested(stem, extension, bytes);
        fs::write(out.join(&name), bytes)?;
        fs::write(out.join(format!("{name}.gz")), gzip(bytes)?)?;
        writeln!(
            code,
            "pub(crate) static {constant}: File = File {{ name: {name:?}, \
             content_type: {content_type:?}, plain: include_bytes!({:?}), \
             gzip: include_bytes!({:?}) }};",
            out.join(&name).display().to_string(),
            out.join(format!("{name}.gz")).display().to_string(),
        )?;
    }
    fs::write(out.join("assets.rs"), code)?;
    Ok(())
}

/// A file's name with a digest of its content.
fn digested(stem: &str, extension: &str, bytes: &[u8]) -> String {
    format!("{stem}.{}.{extension}", &digest(bytes)[..16])
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The `dist` folder of htmx, fetched when nobody has laid one ready.
fn htmx_dist(here: &Path, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    if let Some(dist) = env::var_os("HTMX_DIST") {
        return Ok(PathBuf::from(dist));
    }
    let installed = here.join("node_modules/htmx.org/dist");
    if installed.is_dir() {
        return Ok(installed);
    }
    let unpacked = out.join("htmx.org");
    fetch(&here.join("package-lock.json"), &unpacked).map_err(|error| {
        format!(
            "htmx could not be fetched ({error}). To build offline, run `npm ci` in {} beforehand \
             or set HTMX_DIST to the dist folder of that htmx.org.",
            here.display()
        )
    })?;
    Ok(unpacked.join("dist"))
}

/// Downloads the locked htmx and unpacks it, once its SHA-512 is the locked one.
fn fetch(lock: &Path, into: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    let lock = Lockfile::parse(&fs::read_to_string(lock)?)?;
    let htmx = lock
        .packages
        .iter()
        .find(|package| package.name == "htmx.org");
    let htmx = htmx.ok_or("package-lock.json does not name htmx.org")?;
    let integrity = htmx
        .integrity
        .as_deref()
        .ok_or("htmx.org has no integrity in the lock")?;
    let tarball = download::fetch(&Registry::npm().tarball_url(&htmx.name, &htmx.version))?;
    integrity::verify(&htmx.name, &tarball, integrity)?;
    extract::tar_gz(&tarball, into, Some("package/"), Select::All)?;
    Ok(())
}
