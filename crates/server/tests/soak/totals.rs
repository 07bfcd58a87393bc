use std::collections::BTreeMap;
use std::fmt;

use crate::faults::crowd::Verdict;

/// What there was in all rounds.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) rounds: u64,
    /// How often each kind of fault happened.
    pub(crate) faults: BTreeMap<String, u64>,
    pub(crate) acknowledged: usize,
    pub(crate) sent_again: usize,
    pub(crate) shown: usize,
    pub(crate) violations: usize,
}

impl Totals {
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        self.acknowledged += verdict.acknowledged;
        self.sent_again += verdict.sent_again;
        self.shown += verdict.shown;
        self.violations += verdict.violations.len();
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kills = self.faults.get("Kill").copied().unwrap_or_default();
        writeln!(f, "rounds:            {}", self.rounds)?;
        writeln!(f, "kill -9:           {kills}")?;
        let faults: u64 = self.faults.values().sum();
        writeln!(f, "faults injected:   {faults}, of these")?;
        for (kind, count) in &self.faults {
            writeln!(f, "  {kind:<16} {count}")?;
        }
        writeln!(f, "sends checked:     {}", self.acknowledged)?;
        writeln!(f, "sent again:        {}", self.sent_again)?;
        writeln!(f, "told to readers:   {}", self.shown)?;
        write!(f, "violations:        {}", self.violations)
    }
}
