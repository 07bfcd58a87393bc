//! What was measured: as a table for people, as JSON for the next run.

mod compare;
mod machine;
mod measure;
mod table;

use std::fs;
use std::path::Path;

use anyhow::Context;
use domain::{Clock, SystemClock};
use serde::{Deserialize, Serialize};

pub(super) use self::compare::compare;
use self::machine::Machine;
pub(super) use self::measure::{Bar, Measure};
use super::RowId;
use super::growth::Point;

/// One run.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Report {
    /// When it began.
    date: String,
    commit: String,
    machine: Machine,
    /// Whether it was the short one, whose figures are good for nothing but to see that it works.
    quick: bool,
    pub(super) measures: Vec<Measure>,
    /// What requests cost on more and more data; none when that was not measured.
    #[serde(default)]
    pub(super) growth: Vec<Point>,
    /// Which rows gave a wrong answer, or none, and why.
    pub(super) failures: Vec<Failure>,
}

/// A row that could not be measured.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Failure {
    pub(super) row: RowId,
    pub(super) why: String,
}

impl Report {
    /// An empty one, of now and here.
    pub(super) fn begin(quick: bool) -> Self {
        Self {
            date: SystemClock.now().to_string(),
            commit: machine::commit(),
            machine: Machine::this(),
            quick,
            measures: Vec::new(),
            growth: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Prints it.
    pub(super) fn print(&self) {
        let length = if self.quick { ", the short run" } else { "" };
        println!("\n{}, commit {}{length}", self.date, self.commit);
        println!("{}\n", self.machine);
        print!("{}", table::of(&self.measures));
        if !self.growth.is_empty() {
            print!("\nCPU in µs:\n{}", table::of_growth(&self.growth));
        }
        for Failure { row, why } in &self.failures {
            println!("\n{row} failed: {why}");
        }
    }

    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        write(file, &(serde_json::to_string_pretty(self)? + "\n"))
    }

    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let cannot_read = || format!("cannot read {}", file.display());
        let json = fs::read_to_string(file).with_context(cannot_read)?;
        serde_json::from_str(&json).with_context(cannot_read)
    }
}

/// Writes a file, and makes its folder.
pub(super) fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot_write = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(cannot_write)?;
    }
    fs::write(file, text).with_context(cannot_write)
}
