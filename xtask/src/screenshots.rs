//! `cargo xtask screenshots`: pictures of the chat in its main states, and figures of its pages.
//!
//! They are taken of a throw-away server with the fixtures, as the browser tests have it: that code
//! is in `crates/server/tests/pictures`.

use std::fs;
use std::process::ExitCode;

use anyhow::Context;

use crate::interrupts::{Interrupts, code_of, in_own_group};
use crate::{cargo, debian, programs};

/// The pictures of the README; all others are looked at and not kept.
const IMAGES: &str = "docs/images";
const PICTURES: &str = "target/screenshots";

pub(crate) async fn run() -> anyhow::Result<ExitCode> {
    if programs::browser().is_none() && debian::can_install() {
        debian::install(&["chromium", "chromium-driver"])?;
    }
    let browser = programs::browser().context("no Chromium with its driver here")?;
    fs::create_dir_all(PICTURES)?;
    let mut interrupts = Interrupts::hold()?;
    // Of the whole workspace, as the tests are built, so that nothing is built twice.
    let mut command = cargo(["test", "--workspace", "--test", "pictures"]);
    command
        .args(["--", "--nocapture", "--test-threads=1"])
        .env("TEST_CHROMIUM", browser.chromium)
        .env("TEST_CHROMEDRIVER", browser.chromedriver)
        .env("IMAGES", fs::canonicalize(IMAGES)?)
        .env("PICTURES", fs::canonicalize(PICTURES)?);
    let mut pictures = in_own_group(&mut command).spawn()?;
    let status = interrupts.wait_for(&mut pictures).await?;
    if status.success() {
        println!("pictures are in {PICTURES}, those of the README in {IMAGES}");
    }
    Ok(ExitCode::from(code_of(status)))
}
