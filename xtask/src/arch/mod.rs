//! `cargo xtask arch`: refuses an arrow between crates that the architecture forbids.

mod check;
mod rules;

use anyhow::{Context, bail};
use cargo_metadata::{DependencyKind, MetadataCommand};

use self::check::{Crate, Dependency};

/// Reads the workspace's manifests and fails, naming every arrow that must not be there.
pub(crate) fn run() -> anyhow::Result<()> {
    let crates = workspace_crates()?;
    let faults = check::faults(&crates, rules::RULES);
    if faults.is_empty() {
        let arrows: usize = crates.iter().map(|one| one.dependencies.len()).sum();
        println!(
            "{} crates, {arrows} direct dependencies, no forbidden arrow",
            crates.len()
        );
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} forbidden by xtask/src/arch/rules.rs", faults.len());
}

fn workspace_crates() -> anyhow::Result<Vec<Crate>> {
    let metadata = MetadataCommand::new()
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let crates = metadata.workspace_packages().into_iter().map(|package| {
        let dependencies = package.dependencies.iter().map(|dependency| Dependency {
            name: dependency.name.clone(),
            ours: dependency.path.is_some(),
            in_tests: dependency.kind == DependencyKind::Development,
        });
        Crate {
            name: package.name.to_string(),
            dependencies: dependencies.collect(),
        }
    });
    Ok(crates.collect())
}
