use super::measure::{Bar, Measure};
use crate::bench::growth::{Point, SHORT_NAMES};

const HEADINGS: [&str; 7] = ["row", "what", "bar", "figure", "reference", "ratio", "met"];

/// The measures, one a line.
pub(super) fn of(measures: &[Measure]) -> String {
    let lines: Vec<[String; 7]> = measures.iter().map(cells).collect();
    columns(HEADINGS, &lines)
}

/// Microseconds a request on more and more data, one amount a line; the conversations are those of
/// the reader.
pub(super) fn of_growth(points: &[Point]) -> String {
    let [page, inbox, directory, search, full_name, send] = SHORT_NAMES;
    let headings = [
        "messages",
        "people",
        "conversations",
        page,
        inbox,
        directory,
        search,
        full_name,
        send,
    ];
    let lines = points.iter().map(|point| {
        let [page, inbox, directory, search, full_name, send] =
            point.costs.named().map(|(_, micros)| short(micros));
        [
            point.messages.to_string(),
            point.users.to_string(),
            point.inbox.to_string(),
            page,
            inbox,
            directory,
            search,
            full_name,
            send,
        ]
    });
    columns(headings, &lines.collect::<Vec<_>>())
}

/// Lines under headings, each column as wide as it needs to be.
pub(super) fn columns<const N: usize>(headings: [&str; N], lines: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let all = || [&headings].into_iter().chain(lines);
    let widths: [usize; N] = std::array::from_fn(|column| {
        let widths = all().map(|line| line[column].chars().count());
        widths.max().unwrap_or(0)
    });
    let mut text = String::new();
    for line in all() {
        let cells = line.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cells(measure: &Measure) -> [String; 7] {
    let unit = &measure.unit;
    let reference = measure.reference.as_ref();
    let met = match measure.met() {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    [
        measure.row.to_string(),
        measure.what.clone(),
        measure.bar.map_or(String::new(), |bar| in_words(bar, unit)),
        with_unit(measure.figure, unit),
        reference.map_or(String::new(), |reference| {
            format!("{} {}", with_unit(reference.figure, unit), reference.what)
        }),
        measure.ratio().map_or(String::new(), short),
        met.to_owned(),
    ]
}

fn in_words(bar: Bar, unit: &str) -> String {
    match bar {
        Bar::AtMost(most) => format!("≤ {}", with_unit(most, unit)),
        Bar::RatioAtLeast(least) => format!("≥ {} ×", short(least)),
        Bar::RatioAtMost(most) => format!("≤ {} ×", short(most)),
    }
}

pub(super) fn with_unit(figure: f64, unit: &str) -> String {
    // A rate is written without a blank: 200/s.
    let blank = if unit.starts_with('/') { "" } else { " " };
    format!("{}{blank}{unit}", short(figure))
        .trim_end()
        .to_owned()
}

/// Three digits, or all of a larger whole number.
pub(super) fn short(figure: f64) -> String {
    let decimals = match figure.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    let text = format!("{figure:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::RowId;
    use crate::bench::growth::Costs;

    #[test]
    fn a_line_says_what_was_asked_and_whether_it_was_met() {
        let measures = [
            Measure::new(RowId::F1, "pages", 2_200.4, "/s")
                .against("static page", 10_000.0)
                .bar(Bar::RatioAtLeast(0.2)),
            Measure::new(RowId::F4, "p99", 12.34, "ms").bar(Bar::AtMost(10.0)),
            Measure::new(RowId::F4, "CPU a delivery", 0.5, "ms"),
        ];
        assert_eq!(
            of(&measures),
            "row  what            bar      figure   reference            ratio  met\n\
             F1   pages           ≥ 0.2 ×  2200/s   10000/s static page  0.22   yes\n\
             F4   p99             ≤ 10 ms  12.3 ms                              NO\n\
             F4   CPU a delivery           0.5 ms\n"
        );
    }

    #[test]
    fn more_data_is_a_line_more() {
        let point = Point {
            users: 100,
            messages: 10_000,
            inbox: 10,
            costs: Costs {
                page: 219.4,
                send: 22.34,
                ..Costs::default()
            },
        };
        assert_eq!(
            of_growth(&[point]),
            "messages  people  conversations  page  inbox  directory  search  full-name search  send\n\
             10000     100     10             219   0      0          0       0                 22.3\n"
        );
    }

    #[test]
    fn figures_have_three_digits_or_more_when_whole() {
        let all = [0.0, 0.126, 1.0, 9.999, 12.34, 99.96, 355.4, 120_000.0];
        let short = all.map(short);
        let expected = ["0", "0.13", "1", "10", "12.3", "100", "355", "120000"];
        assert_eq!(short, expected);
    }
}
