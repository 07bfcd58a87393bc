//! Everything that reads what comes from outside, fed with what libFuzzer makes up: `cargo xtask
//! fuzz` builds this with counters in every branch, so that the inputs find their way in.
//!
//! One program holds all targets, as each would otherwise be linked with the whole server; the
//! variable `FUZZ_TARGET` says which one runs. A target panics when a promise is broken, and
//! libFuzzer then keeps the input.
//!
//! # What never happens here
//! Nothing in the other crates is public for the sake of this one: what is private there is
//! included here by its path, or reached through the router.
//!
//! # To add a target
//! A file in `targets/` with a function of the input's bytes, a line in [`TARGETS`], an input or two
//! to begin with in `seeds/`.

#![no_main]

mod targets;

use std::sync::LazyLock;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 8] = [
    ("cursors", targets::cursors::run),
    ("events", targets::events::run),
    ("fixtures", targets::fixtures::run),
    ("hashes", targets::hashes::run),
    ("headers", targets::headers::run),
    ("requests", targets::requests::run),
    ("settings", targets::settings::run),
    ("values", targets::values::run),
];

static CHOSEN: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let names = TARGETS.map(|(known, _)| known).join(", ");
    found
        .unwrap_or_else(|| panic!("FUZZ_TARGET must be one of {names}"))
        .1
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| CHOSEN(input));
