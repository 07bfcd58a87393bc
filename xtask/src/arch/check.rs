use std::fmt;

use super::rules::{Reach, Rule};

/// A crate of the workspace with what its manifest names.
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependencies; a build dependency counts like a normal one.
pub(super) struct Dependency {
    pub(super) name: String,
    /// Taken by path, so part of this repository.
    pub(super) ours: bool,
    /// Named under `[dev-dependencies]`.
    pub(super) in_tests: bool,
}

/// Something the table does not permit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A crate depends on what it must not.
    Arrow {
        from: String,
        to: String,
        in_tests: bool,
    },
    /// A crate has no row in the table.
    NoRule(String),
}

/// Everything in `crates` that `rules` forbid, in the order of the manifests.
pub(super) fn faults(crates: &[Crate], rules: &[Rule]) -> Vec<Fault> {
    crates
        .iter()
        .flat_map(
            |one| match rules.iter().find(|rule| rule.name == one.name) {
                None => vec![Fault::NoRule(one.name.clone())],
                Some(rule) => forbidden_arrows(one, rule),
            },
        )
        .collect()
}

fn forbidden_arrows(from: &Crate, rule: &Rule) -> Vec<Fault> {
    from.dependencies
        .iter()
        .filter(|dependency| !rule.permits(dependency))
        .map(|dependency| Fault::Arrow {
            from: from.name.clone(),
            to: dependency.name.clone(),
            in_tests: dependency.in_tests,
        })
        .collect()
}

impl Rule {
    fn permits(&self, dependency: &Dependency) -> bool {
        let name = dependency.name.as_str();
        let reach = if dependency.ours {
            &self.ours
        } else {
            &self.outside
        };
        reach.contains(name) || (dependency.in_tests && self.in_tests.contains(&name))
    }
}

impl Reach {
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Only(names) => names.contains(&name),
            Self::AllBut(families) => !families.iter().any(|family| is_kin(name, family)),
        }
    }
}

fn is_kin(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arrow { from, to, in_tests } => {
                let place = if *in_tests { " (in its tests)" } else { "" };
                write!(f, "forbidden arrow: {from} → {to}{place}")
            }
            Self::NoRule(name) => write!(f, "no rule for the crate {name}: add its row"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::RULES;
    use super::*;

    fn ours(name: &str) -> Dependency {
        Dependency {
            name: name.to_owned(),
            ours: true,
            in_tests: false,
        }
    }

    fn outside(name: &str) -> Dependency {
        Dependency {
            name: name.to_owned(),
            ours: false,
            in_tests: false,
        }
    }

    fn in_tests(dependency: Dependency) -> Dependency {
        Dependency {
            in_tests: true,
            ..dependency
        }
    }

    fn faults_of<const N: usize>(name: &str, dependencies: [Dependency; N]) -> Vec<String> {
        let graph = [Crate {
            name: name.to_owned(),
            dependencies: dependencies.into(),
        }];
        faults(&graph, RULES)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_intended_arrows_are_clean() {
        let none = Vec::<String>::new();
        assert_eq!(faults_of("domain", [outside("time")]), none);
        assert_eq!(
            faults_of("storage", [ours("domain"), outside("sea-orm")]),
            none
        );
        assert_eq!(faults_of("web", [ours("domain"), outside("axum")]), none);
        assert_eq!(faults_of("server", [ours("web"), ours("storage")]), none);
    }

    #[test]
    fn the_domain_knows_no_crate_of_ours_and_no_framework() {
        assert_eq!(
            faults_of("domain", [ours("storage"), outside("serde")]),
            [
                "forbidden arrow: domain → storage",
                "forbidden arrow: domain → serde",
            ]
        );
    }

    #[test]
    fn one_adapter_does_not_know_another() {
        assert_eq!(
            faults_of("web", [ours("domain"), ours("storage")]),
            ["forbidden arrow: web → storage"]
        );
        assert_eq!(
            faults_of("migrations", [ours("domain")]),
            ["forbidden arrow: migrations → domain"]
        );
    }

    #[test]
    fn a_library_of_another_room_is_refused_with_its_kin_and_nothing_else() {
        assert_eq!(
            faults_of("web", [outside("sea-orm-migration"), outside("sea-ormolu")]),
            ["forbidden arrow: web → sea-orm-migration"]
        );
    }

    #[test]
    fn what_tests_may_use_the_crate_itself_may_not() {
        assert_eq!(
            faults_of("storage", [in_tests(ours("migrations"))]).len(),
            0
        );
        assert_eq!(
            faults_of("storage", [ours("migrations")]),
            ["forbidden arrow: storage → migrations"]
        );
        assert_eq!(
            faults_of("web", [in_tests(ours("storage"))]),
            ["forbidden arrow: web → storage (in its tests)"]
        );
    }

    #[test]
    fn a_crate_without_a_row_is_refused() {
        assert_eq!(
            faults_of("plugins", []),
            ["no rule for the crate plugins: add its row"]
        );
    }
}
