use std::fmt;

/// How many tests there were, as the runners say it in their summaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    /// Failed, timed out or could not be started.
    pub(super) failed: u64,
    /// Ignored or left out by a filter.
    pub(super) skipped: u64,
}

/// Whose summary is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dialect {
    /// `cargo nextest`: one summary for everything.
    Nextest,
    /// `cargo test`: a summary for each binary.
    Libtest,
}

impl Counts {
    /// Reads one line of a runner's output. `None` when it is not a summary.
    pub(super) fn of_line(line: &str, dialect: Dialect) -> Option<Self> {
        let line = without_colours(line);
        let summary = match dialect {
            Dialect::Nextest => {
                let (_, rest) = line.split_once(" run: ")?;
                let is_summary = line.trim_start().starts_with("Summary [");
                is_summary.then_some(rest)?
            }
            Dialect::Libtest => {
                let rest = line.strip_prefix("test result: ")?;
                rest.split_once(". ")?.1
            }
        };
        let mut counts = Self::default();
        for part in without_parentheses(summary).split([',', ';']) {
            counts.count(part.trim());
        }
        Some(counts)
    }

    /// `self` and `other` together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    /// Takes in a part such as `3 passed` or `1 timed out`.
    fn count(&mut self, part: &str) {
        let Some((number, what)) = part.split_once(' ') else {
            return;
        };
        let Ok(number) = number.parse::<u64>() else {
            return;
        };
        match what {
            "passed" => self.passed += number,
            "skipped" | "ignored" | "filtered out" => self.skipped += number,
            "measured" => {}
            _ => self.failed += number,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// Removes terminal colours: an escape, a bracket, and all up to the letter that ends it.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut pieces = line.split('\u{1b}');
    plain.extend(pieces.next());
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic());
        plain.extend(end.and_then(|end| piece.get(end + 1..)));
    }
    plain
}

/// Removes remarks such as `(1 slow, 2 flaky)`, which count tests a second time.
fn without_parentheses(summary: &str) -> String {
    let mut depth = 0_u32;
    let mut outside = String::with_capacity(summary.len());
    for c in summary.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn a_nextest_summary_is_counted_whole() {
        let line = "     Summary [   0.010s] 3 tests run: 3 passed, 7 skipped";
        assert_eq!(
            Counts::of_line(line, Dialect::Nextest),
            Some(counts(3, 0, 7))
        );
        let line = "Summary [ 1.2s] 5/9 tests run: 2 passed (1 slow, 1 flaky), 1 failed, \
                    1 exec failed, 1 timed out, 0 skipped";
        assert_eq!(
            Counts::of_line(line, Dialect::Nextest),
            Some(counts(2, 3, 0))
        );
    }

    #[test]
    fn a_coloured_summary_is_read_like_a_plain_one() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.010s] \u{1b}[1m1\u{1b}[0m test run: \
                    \u{1b}[1m1\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped";
        assert_eq!(
            Counts::of_line(line, Dialect::Nextest),
            Some(counts(1, 0, 0))
        );
    }

    #[test]
    fn a_libtest_summary_counts_ignored_and_filtered_tests_as_skipped() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 4 measured; \
                    5 filtered out; finished in 0.01s";
        assert_eq!(
            Counts::of_line(line, Dialect::Libtest),
            Some(counts(3, 1, 7))
        );
    }

    #[test]
    fn other_lines_are_no_summary() {
        for dialect in [Dialect::Nextest, Dialect::Libtest] {
            for line in [
                "",
                "        PASS [   0.010s] domain page::tests::first_page",
                "    Starting 12 tests across 3 binaries (run ID: 1f, nextest profile: default)",
                "running 3 tests",
                "test result",
            ] {
                assert_eq!(Counts::of_line(line, dialect), None, "{line}");
            }
        }
    }

    #[test]
    fn counts_add_up_and_read_as_the_closing_line() {
        let sum = counts(3, 1, 2).plus(counts(4, 0, 5));
        assert_eq!(sum.to_string(), "7 passed, 1 failed, 7 skipped");
    }
}
