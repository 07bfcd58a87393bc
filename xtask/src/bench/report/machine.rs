use std::fmt;
use std::fs;
use std::num::NonZero;
use std::process::Command;
use std::thread;

use serde::{Deserialize, Serialize};

/// Where it was measured. What the system does not tell is empty.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Machine {
    cores: usize,
    cpu: String,
    /// How many processes wanted to run in the minute before: others than ours.
    load: f64,
}

impl Machine {
    pub(super) fn this() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Self {
            cores: thread::available_parallelism().map_or(1, NonZero::get),
            cpu: cpu_model(&read("/proc/cpuinfo")).to_owned(),
            load: load(&read("/proc/loadavg")),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, cpu, load } = self;
        write!(f, "{cores} cores of {cpu}, load {load:.2} before")
    }
}

/// The commit that is checked out, with `+` when files differ from it.
pub(super) fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let is_clean = git(&["status", "--porcelain"]).is_some_and(|changes| changes.is_empty());
    if is_clean { commit } else { commit + "+" }
}

fn cpu_model(cpuinfo: &str) -> &str {
    let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let model = lines.find(|(name, _)| name.trim() == "model name");
    model.map_or("an unknown kind", |(_, model)| model.trim())
}

fn load(loadavg: &str) -> f64 {
    let first = loadavg.split(' ').next();
    first.and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_and_the_load_are_read_as_the_kernel_writes_them() {
        let cpuinfo =
            "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some CPU @ 2.5GHz\nflags\t: a\n";
        assert_eq!(cpu_model(cpuinfo), "Some CPU @ 2.5GHz");
        assert_eq!(cpu_model(""), "an unknown kind");
        assert!((load("0.25 0.79 1.96 1/200 77\n") - 0.25).abs() < 1e-9);
        assert!(load("").abs() < 1e-9);
    }
}
