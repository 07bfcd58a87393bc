//! Which crate may depend on what. A new crate of the workspace needs a row here.

/// What one crate may name in its manifest. Only direct dependencies are looked at.
pub(super) struct Rule {
    /// The crate that the row is about.
    pub(super) name: &'static str,
    /// Crates of this workspace.
    pub(super) ours: Reach,
    /// Crates from elsewhere.
    pub(super) outside: Reach,
    /// What its tests may use beyond that, ours or not.
    pub(super) in_tests: &'static [&'static str],
}

/// A set of crates.
pub(super) enum Reach {
    /// All of them.
    Anything,
    /// These and no other.
    Only(&'static [&'static str]),
    /// All but these and their kin: `axum` stands for `axum-extra` too.
    AllBut(&'static [&'static str]),
}

/// The architecture as a table.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "domain",
        ours: Reach::Only(&[]),
        outside: Reach::Only(&[
            "async-trait",
            "futures-core",
            "getrandom",
            "secrecy",
            "thiserror",
            "time",
            "uuid",
        ]),
        in_tests: &["criterion", "mockall", "proptest", "tokio"],
    },
    Rule {
        name: "storage",
        ours: Reach::Only(&["domain"]),
        outside: Reach::AllBut(&["axum", "maud", "async-nats", "prometheus-client"]),
        in_tests: &["migrations"],
    },
    Rule {
        name: "passwords",
        ours: Reach::Only(&["domain"]),
        outside: Reach::AllBut(&[
            "axum",
            "maud",
            "sea-orm",
            "sqlx",
            "async-nats",
            "prometheus-client",
        ]),
        in_tests: &[],
    },
    Rule {
        name: "broker",
        ours: Reach::Only(&["domain"]),
        outside: Reach::AllBut(&["axum", "maud", "sea-orm", "sqlx", "prometheus-client"]),
        in_tests: &[],
    },
    Rule {
        name: "web",
        ours: Reach::Only(&["domain"]),
        outside: Reach::AllBut(&["sea-orm", "sqlx", "async-nats", "prometheus-client"]),
        in_tests: &[],
    },
    Rule {
        name: "migrations",
        ours: Reach::Only(&[]),
        outside: Reach::AllBut(&["axum", "maud", "async-nats"]),
        in_tests: &[],
    },
    Rule {
        name: "server",
        ours: Reach::Anything,
        outside: Reach::Anything,
        in_tests: &[],
    },
    Rule {
        name: "xtask",
        ours: Reach::Anything,
        outside: Reach::Anything,
        in_tests: &[],
    },
];
