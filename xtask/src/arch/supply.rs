//! Where crates come from and on what terms: the part of `deny.toml` that can be looked up in a moment
//! and without a network. `cargo deny` knows more, above all the advisories.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, ensure};

const RULES: &str = "deny.toml";

/// Everything that a build takes in from outside and must not, one line each; and how many crates it
/// takes in.
pub(super) fn check() -> anyhow::Result<(Vec<String>, usize)> {
    let rules = fs::read_to_string(RULES).with_context(|| format!("cannot read {RULES}"))?;
    let (targets, licences) = (list(&rules, "targets"), list(&rules, "allow"));
    ensure!(
        !targets.is_empty() && !licences.is_empty(),
        "{RULES} allows nothing"
    );
    // It knows which features are on; `cargo metadata` also names what an unused one would need.
    let mut tree = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    tree.args(["tree", "--workspace", "--locked", "--prefix", "none"]);
    tree.args(["--edges", "normal,build,dev", "--format", "{p}\t{l}"]);
    tree.args(targets.iter().flat_map(|target| ["--target", target]));
    let tree = tree.output().context("cannot start cargo tree")?;
    let said = String::from_utf8_lossy(&tree.stderr);
    ensure!(tree.status.success(), "cargo tree failed: {said}");
    let tree = String::from_utf8(tree.stdout)?;
    let foreign: BTreeSet<_> = tree.lines().filter_map(package).collect();
    let faults = foreign
        .iter()
        .filter_map(|package| package.fault(&licences));
    Ok((faults.collect(), foreign.len()))
}

/// A crate of somebody else's.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Package<'a> {
    name: &'a str,
    /// Where it comes from, unless that is crates.io.
    source: Option<&'a str>,
    licence: &'a str,
}

/// Of a line such as `ahash v0.8.12\tMIT`; `None` when it is one of ours.
fn package(line: &str) -> Option<Package<'_>> {
    // What was said before is marked by a star.
    let line = line.strip_suffix(" (*)").unwrap_or(line);
    let (name, licence) = line.split_once('\t')?;
    let name = name.strip_suffix(" (proc-macro)").unwrap_or(name);
    let (name, source) = match name.split_once(" (") {
        Some((_, ours)) if ours.starts_with('/') => return None,
        Some((name, source)) => (name, Some(source.trim_end_matches(')'))),
        None => (name, None),
    };
    Some(Package {
        name,
        source,
        licence,
    })
}

impl Package<'_> {
    fn fault(&self, licences: &BTreeSet<String>) -> Option<String> {
        let Self {
            name,
            source,
            licence,
        } = self;
        if let Some(source) = source {
            return Some(format!("{name} comes from {source}"));
        }
        let is_fault = !is_allowed(licence, licences);
        is_fault
            .then(|| format!("{name} has the licence {licence:?}, which {RULES} does not allow"))
    }
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
    fn what_is_from_elsewhere_or_on_other_terms_is_named() {
        let allowed = BTreeSet::from(["MIT".to_owned()]);
        let fault = |line| package(line).and_then(|package| package.fault(&allowed));
        assert_eq!(fault("a v1.0.0\tMIT"), None);
        assert_eq!(fault("a v1.0.0 (proc-macro)\tMIT (*)"), None);
        assert_eq!(fault("ours v1.0.0 (/home/me/ours)\t"), None);
        for (line, named) in [
            ("a v1.0.0\tGPL-3.0", "a v1.0.0 has the licence \"GPL-3.0\""),
            ("a v1.0.0 (proc-macro)\t", "a v1.0.0 has the licence \"\""),
            (
                "a v1.0.0 (https://evil.example/a#1f)\tMIT",
                "a v1.0.0 comes from https://evil.example/a#1f",
            ),
            (
                "a v1.0.0 (registry `other`)\tMIT",
                "a v1.0.0 comes from registry `other`",
            ),
        ] {
            let said = fault(line).unwrap();
            assert!(said.starts_with(named), "{said}");
        }
    }

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
