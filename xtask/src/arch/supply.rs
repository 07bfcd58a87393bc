//! Where crates come from and on what terms: the part of `deny.toml` that can be looked up in a moment
//! and without a network. `cargo deny` knows more, above all the advisories.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, ensure};
use cargo_metadata::MetadataCommand;

const RULES: &str = "deny.toml";
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Everything that a build takes in from outside and must not, one line each; and how many crates
/// that are.
pub(super) fn check() -> anyhow::Result<(Vec<String>, usize)> {
    let rules = fs::read_to_string(RULES).with_context(|| format!("cannot read {RULES}"))?;
    let (targets, licences) = (list(&rules, "targets"), list(&rules, "allow"));
    ensure!(
        !targets.is_empty() && !licences.is_empty(),
        "{RULES} allows nothing"
    );
    let platforms = targets
        .iter()
        .map(|target| format!("--filter-platform={target}"));
    let metadata = MetadataCommand::new()
        .other_options(platforms.chain(["--locked".to_owned()]).collect::<Vec<_>>())
        .exec()
        .context("cargo metadata failed")?;
    let resolved = metadata
        .resolve
        .context("cargo does not say what a build takes in")?;
    let taken: BTreeSet<_> = resolved.nodes.into_iter().map(|node| node.id).collect();
    let packages = metadata.packages.iter();
    let foreign =
        packages.filter(|package| package.source.is_some() && taken.contains(&package.id));
    let (mut faults, mut count) = (Vec::new(), 0);
    for package in foreign {
        count += 1;
        let name = format!("{} {}", package.name, package.version);
        let source = package.source.as_ref().map_or("", |source| &source.repr);
        if source != REGISTRY {
            faults.push(format!("{name} comes from {source}"));
        }
        let licence = package.license.as_deref().unwrap_or("");
        if !is_allowed(licence, &licences) {
            faults.push(format!(
                "{name} has the licence {licence:?}, which {RULES} does not allow"
            ));
        }
    }
    Ok((faults, count))
}

/// The texts of `name = [ … ]`.
fn list(rules: &str, name: &str) -> BTreeSet<String> {
    let begin = format!("\n{name} = [");
    let inside = rules
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(']'));
    let texts = inside.map_or("", |(inside, _)| inside).split('"');
    texts.skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether an expression of SPDX, or the older form with a slash, can be met with these.
fn is_allowed(expression: &str, licences: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any(&mut words, licences);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, licences: &BTreeSet<String>) -> bool {
    let mut met = all(words, licences);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, licences);
    }
    met
}

fn all(words: &mut Words<'_>, licences: &BTreeSet<String>) -> bool {
    let mut met = one(words, licences);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, licences);
    }
    met
}

fn one(words: &mut Words<'_>, licences: &BTreeSet<String>) -> bool {
    match words.next() {
        Some("(") => {
            let met = any(words, licences);
            words.next_if_eq(&")").is_some() && met
        }
        Some(name) => match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
            Some(exception) => licences.contains(&format!("{name} WITH {exception}")),
            None => licences.contains(name),
        },
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_met_by_what_is_allowed_and_by_nothing_else() {
        let rules = "[graph]\ntargets = [\"a\"]\n\nallow = [\n    \"MIT\",\n    \"Zlib\",\n    \"Apache-2.0 WITH LLVM-exception\",\n]\n";
        let allowed = list(rules, "allow");
        assert_eq!(allowed.len(), 3);
        for (expression, met) in [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("GPL-3.0/MIT", true),
            ("MIT AND Zlib", true),
            ("(GPL-3.0 OR MIT) AND Zlib", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
            ("GPL-3.0", false),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR Zlib) AND GPL-3.0", false),
            ("Apache-2.0", false),
            ("MIT WITH LLVM-exception", false),
            ("(MIT", false),
            ("MIT)", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), met, "{expression}");
        }
    }
}
