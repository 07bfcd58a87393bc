//! `cargo xtask arch`: refuses an arrow between crates that the architecture forbids, and a crate
//! from where or on terms that `deny.toml` does not allow.

mod check;
mod rules;
mod supply;

use anyhow::{Context, bail};
use cargo_metadata::{DependencyKind, MetadataCommand};

use self::check::{Crate, Dependency};

/// Reads the workspace's manifests and fails, naming everything that must not be there.
pub(crate) fn run() -> anyhow::Result<()> {
    let crates = workspace_crates()?;
    let arrows = check::faults(&crates, rules::RULES);
    let (foreign, taken_in) = supply::check()?;
    for fault in &arrows {
        eprintln!("{fault}");
    }
    for fault in &foreign {
        eprintln!("{fault}");
    }
    match (arrows.len(), foreign.len()) {
        (0, 0) => {}
        (arrows, 0) => bail!("{arrows} forbidden by xtask/src/arch/rules.rs"),
        (0, foreign) => bail!("{foreign} forbidden by deny.toml"),
        (arrows, foreign) => {
            bail!("{arrows} forbidden by xtask/src/arch/rules.rs, {foreign} by deny.toml")
        }
    }
    let arrows: usize = crates.iter().map(|one| one.dependencies.len()).sum();
    println!(
        "{} crates, {arrows} direct dependencies, no forbidden arrow; {taken_in} crates of others, \
         each from crates.io with a licence that deny.toml allows",
        crates.len()
    );
    Ok(())
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
