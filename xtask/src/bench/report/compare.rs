use super::Report;
use super::measure::Measure;
use super::table::{columns, short, with_unit};

/// Each figure of one run beside that of an earlier one.
pub(in crate::bench) fn compare(earlier: &Report, now: &Report) -> String {
    let mut text = format!(
        "{} with {} on {}\n{} with {} on {}\n\n",
        earlier.date, earlier.commit, earlier.machine, now.date, now.commit, now.machine
    );
    if earlier.quick != now.quick {
        text.push_str("one of them is the short run: these figures say nothing of each other\n\n");
    }
    let headings = ["row", "what", "before", "now", "now / before"];
    text + &columns(headings, &lines(&earlier.measures, &now.measures))
}

/// First all that is measured now, then what no longer is.
fn lines(earlier: &[Measure], now: &[Measure]) -> Vec<[String; 5]> {
    let is_same = |a: &Measure, b: &Measure| a.row == b.row && a.what == b.what;
    let of_now = now.iter().map(|now| {
        let before = earlier.iter().find(|before| is_same(before, now));
        line(before, Some(now))
    });
    let gone = earlier.iter();
    let gone = gone.filter(|before| !now.iter().any(|now| is_same(before, now)));
    let gone = gone.map(|before| line(Some(before), None));
    of_now.chain(gone).flatten().collect()
}

fn line(before: Option<&Measure>, now: Option<&Measure>) -> Option<[String; 5]> {
    let either = now.or(before)?;
    let figure =
        |of: Option<&Measure>| of.map_or("–".to_owned(), |of| with_unit(of.figure, &of.unit));
    let ratio = match (before, now) {
        (Some(before), Some(now)) if before.figure > 0.0 => short(now.figure / before.figure),
        _ => String::new(),
    };
    Some([
        either.row.to_string(),
        either.what.clone(),
        figure(before),
        figure(now),
        ratio,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::RowId;

    fn measure(row: RowId, what: &str, figure: f64) -> Measure {
        Measure::new(row, what, figure, "ms")
    }

    #[test]
    fn figures_meet_by_row_and_name_in_whatever_order() {
        let earlier = [
            measure(RowId::F4, "p99", 8.0),
            measure(RowId::F5, "p99", 10.0),
            measure(RowId::F4, "gone", 1.0),
        ];
        let now = [
            measure(RowId::F5, "p99", 5.0),
            measure(RowId::F4, "p99", 16.0),
            measure(RowId::F4, "new", 3.0),
        ];
        assert_eq!(
            lines(&earlier, &now),
            [
                ["F5", "p99", "10 ms", "5 ms", "0.5"],
                ["F4", "p99", "8 ms", "16 ms", "2"],
                ["F4", "new", "–", "3 ms", ""],
                ["F4", "gone", "1 ms", "–", ""],
            ]
        );
    }

    #[test]
    fn a_run_that_was_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/bench.json");
        let mut report = Report::begin(true);
        report.measures.push(measure(RowId::F4, "p99", 8.25));
        report.write(&file).unwrap();
        let read = Report::read(&file).unwrap();
        assert_eq!(read.measures, report.measures);
        assert!(compare(&read, &report).contains("8.25 ms"));
        assert!(!compare(&read, &report).contains("short run"));
        report.quick = false;
        assert!(compare(&read, &report).contains("short run"));
    }
}
