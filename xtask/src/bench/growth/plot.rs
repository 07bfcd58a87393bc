//! The series as a picture: a line a request, over the logarithm of the number of messages.
//!
//! It is drawn by hand because it stands in a page that may be light or dark: colours are classes
//! with a rule for both. `plotters` writes a colour into each element as an attribute, knows no
//! title and no description, and does not put a line's name beside its end.

use maud::{Markup, PreEscaped, Render, html};

use super::{Point, SHORT_NAMES};
use crate::bench::number;

const WIDTH: f64 = 448.0;
const HEIGHT: f64 = 380.0;
/// Where the lines are.
const LEFT: f64 = 88.0;
const RIGHT: f64 = 276.0;
const TOP: f64 = 68.0;
const BOTTOM: f64 = 312.0;
/// From one line of text to the next.
const ROW: f64 = 17.0;

/// A background of its own, because a reader may have told the page something else than their
/// system, and the system is what a picture hears of.
const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#1f2328}.back{fill:#fff}.title{font-weight:600}\
.quiet{fill:#59636e}.grid{stroke:#d1d9e0}.line{fill:none;stroke-width:2;stroke-linejoin:round}\
.lead{fill:none;opacity:.6}.end{text-anchor:end}.middle{text-anchor:middle}\
.c0{--ink:#0550ae}.c1{--ink:#953800}.c2{--ink:#116329}.c3{--ink:#8250df}.c4{--ink:#a40e6f}\
.c5{--ink:#57606a}.line,.lead{stroke:var(--ink)}.dot,.name{fill:var(--ink)}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.back{fill:#0d1117}.quiet{fill:#9198a1}\
.grid{stroke:#3d444d}.c0{--ink:#58a6ff}.c1{--ink:#f0883e}.c2{--ink:#56d364}.c3{--ink:#bc8cff}\
.c4{--ink:#ff80c8}.c5{--ink:#b1bac4}}";

/// An SVG of the series, which goes from the least data to the most.
pub(in crate::bench) fn plot(series: &[Point]) -> String {
    let axes = Axes::of(series);
    let lines = lines(&axes, series);
    let document = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width="600"
            role="img" aria-labelledby="title desc" {
            title id="title" { "What a request costs on more and more data" }
            desc id="desc" { (in_words(series)) }
            style { (PreEscaped(STYLE)) }
            rect.back width="100%" height="100%" rx="6" {}
            text.title x="16" y="28" { "What a request costs on more and more data" }
            text.quiet x="16" y="46" { "µs of the server’s processor" }
            @for micros in axes.steps() {
                @let y = axes.y(micros);
                path.grid d={ "M" (LEFT) " " (y) "H" (RIGHT) } {}
                text.quiet.end x=(LEFT - 8.0) y=(y + 4.0) { (micros) }
            }
            @for (row, what) in ["messages", "people", "inbox"].into_iter().enumerate() {
                text.quiet.end x=(LEFT - 16.0) y=(below(row)) { (what) }
            }
            @for point in series {
                @let amounts = [point.messages, point.users.into(), point.inbox as u64];
                @for (row, amount) in amounts.into_iter().enumerate() {
                    text.middle x=(axes.x(point)) y=(below(row)) { (short(amount)) }
                }
            }
            @for line in &lines { g class=(line.class) { (line) } }
        }
    };
    document.into_string() + "\n"
}

/// The costs on the most data after those on the least, for who cannot see them.
fn in_words(series: &[Point]) -> String {
    let (Some(least), Some(most)) = (series.first(), series.last()) else {
        return String::new();
    };
    let pairs = least.costs.named().into_iter().zip(most.costs.named());
    let costs = pairs.map(|((what, least), (_, most))| format!("{what} {least:.0} → {most:.0} µs"));
    format!(
        "From {} to {} messages: {}.",
        short(least.messages),
        short(most.messages),
        costs.collect::<Vec<_>>().join(", ")
    )
}

/// Where so much is in the picture.
struct Axes {
    /// Logarithms of the number of messages.
    least: f64,
    most: f64,
    /// From one line of the grid to the next, in µs, and how many there are above 0.
    step: u32,
    steps: u32,
}

impl Axes {
    fn of(series: &[Point]) -> Self {
        let logs = || series.iter().map(log);
        let costs = series.iter().flat_map(|point| point.costs.named());
        let dearest = costs.map(|(_, micros)| micros).fold(1.0, f64::max);
        let steps = |step: u32| {
            let fits = |steps: &u32| f64::from(steps * step) >= dearest;
            (1..=6).find(fits).map(|steps| (step, steps))
        };
        let nice = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u32.pow(power)));
        let (step, steps) = nice.take(27).find_map(steps).unwrap_or((1, 1));
        Self {
            least: logs().fold(f64::INFINITY, f64::min),
            most: logs().fold(0.0, f64::max),
            step,
            steps,
        }
    }

    fn steps(&self) -> impl Iterator<Item = u32> {
        (0..=self.steps).map(|number| number * self.step)
    }

    fn x(&self, point: &Point) -> f64 {
        let share = (log(point) - self.least) / (self.most - self.least).max(f64::EPSILON);
        tenths(LEFT + 14.0 + share * (RIGHT - LEFT - 14.0))
    }

    fn y(&self, micros: impl Into<f64>) -> f64 {
        let share = micros.into() / f64::from(self.steps * self.step);
        tenths(BOTTOM - share * (BOTTOM - TOP))
    }
}

/// A request's.
struct Line {
    class: String,
    name: String,
    points: Vec<(f64, f64)>,
    /// Where its name stands, at its end or as near as other names let it.
    name_y: f64,
}

fn lines(axes: &Axes, series: &[Point]) -> Vec<Line> {
    let Some(last) = series.last() else {
        return Vec::new();
    };
    let of = |(number, (_, micros)): (usize, (_, f64))| Line {
        class: format!("c{number}"),
        name: format!("{} {micros:.0}", SHORT_NAMES[number]),
        points: series
            .iter()
            .map(|point| (axes.x(point), axes.y(point.costs.named()[number].1)))
            .collect(),
        name_y: axes.y(micros),
    };
    let mut lines: Vec<Line> = last.costs.named().into_iter().enumerate().map(of).collect();
    lines.sort_by(|a, b| a.name_y.total_cmp(&b.name_y));
    // Each name goes below the one before, and then above the one after where there is an end.
    let mut highest = TOP;
    for line in &mut lines {
        line.name_y = line.name_y.max(highest);
        highest = line.name_y + ROW;
    }
    let mut lowest = BOTTOM;
    for line in lines.iter_mut().rev() {
        line.name_y = line.name_y.min(lowest);
        lowest = line.name_y - ROW;
    }
    lines
}

impl Render for Line {
    fn render(&self) -> Markup {
        let corners = self.points.iter().map(|(x, y)| format!("{x},{y}"));
        let corners = corners.collect::<Vec<_>>().join(" ");
        html! {
            polyline.line points=(corners) {}
            @for (x, y) in &self.points { circle.dot cx=(x) cy=(y) r="3" {} }
            @if let Some((x, y)) = self.points.last() {
                path.lead d={ "M" (x + 5.0) " " (y) "L" (x + 15.0) " " (self.name_y) } {}
            }
            text.name x=(RIGHT + 19.0) y=(self.name_y + 4.0) { (self.name) }
        }
    }
}

fn log(point: &Point) -> f64 {
    // As a count it is exact up to 2^52.
    number(usize::try_from(point.messages).unwrap_or(usize::MAX)).log10()
}

/// The line of text below the axis with this number.
fn below(row: usize) -> f64 {
    BOTTOM + 24.0 + ROW * number(row)
}

fn tenths(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

/// 200 k, 10 M.
fn short(amount: u64) -> String {
    match amount {
        1_000_000.. => format!("{} M", amount / 1_000_000),
        10_000.. => format!("{} k", amount / 1_000),
        _ => amount.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::growth::Costs;

    fn series(send: f64) -> [Point; 2] {
        [(100, 10_000), (100_000, 10_000_000)].map(|(users, messages)| Point {
            users,
            messages,
            inbox: 10,
            costs: Costs {
                page: 250.0,
                send,
                ..Costs::default()
            },
        })
    }

    #[test]
    fn more_data_is_farther_right_and_more_costs_are_higher() {
        let series = series(1_099.0);
        let axes = Axes::of(&series);
        assert_eq!(
            axes.steps().collect::<Vec<_>>(),
            [0, 200, 400, 600, 800, 1_000, 1_200]
        );
        assert!(axes.x(&series[0]) < axes.x(&series[1]));
        assert_eq!((axes.y(1_200), axes.y(0)), (TOP, BOTTOM));
    }

    #[test]
    fn no_name_stands_on_another_or_outside() {
        for send in [0.0, 250.0, 1_099.0] {
            let series = series(send);
            let lines = lines(&Axes::of(&series), &series);
            assert_eq!(lines.len(), 6);
            assert!(
                lines
                    .iter()
                    .all(|line| (TOP..=BOTTOM).contains(&line.name_y))
            );
            assert!(
                lines
                    .windows(2)
                    .all(|two| two[1].name_y - two[0].name_y >= ROW - 0.01)
            );
        }
    }

    #[test]
    fn the_picture_says_in_words_what_it_shows() {
        let plot = plot(&series(1_099.0));
        assert!(plot.contains("a page 250 → 250 µs"), "{plot}");
        assert!(plot.contains(">send 1099</text>"), "{plot}");
        assert!(plot.contains(">100 k</text>"), "{plot}");
        assert!(!plot.contains("NaN"), "{plot}");
    }
}
