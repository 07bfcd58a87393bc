//! F7 and F10: the same requests on more and more data, and how long a server takes to start on
//! the most of it.
//!
//! The reader is in one of twenty conversations, the largest among them. What is compared is the
//! processor time of the server for the same requests: the largest data set is held against the
//! small one, and all of them are drawn.

mod costs;
mod plot;
mod point;

use anyhow::Context;

use super::house::House;
use super::node::Node;
use super::report::{Bar, Measure};
use super::{Bench, READERS, RowId};
use crate::seed::Plan;

pub(super) use self::plot::plot;
pub(super) use self::point::{Costs, Point, SHORT_NAMES};

/// How often a server is started; the middle one counts.
const STARTS: usize = 5;

/// F7: what there is to draw, from the least data to the most.
pub(super) async fn series(bench: &Bench) -> anyhow::Result<Vec<Point>> {
    let small = bench.small_house().await?;
    let mut series = vec![
        passing(bench, Plan::new(100, 200, 10_000, 1)?).await?,
        costs::point(bench, small).await?,
    ];
    if !bench.quick {
        series.push(passing(bench, Plan::new(10_000, 20_000, 1_000_000, 1)?).await?);
    }
    let big = bench.big_house().await?;
    series.push(costs::point(bench, big).await?);
    Ok(series)
}

/// F7: the most data of the series beside the small data set.
pub(super) fn measures(series: &[Point]) -> anyhow::Result<Vec<Measure>> {
    let small = series
        .iter()
        .find(|point| point.messages == super::MESSAGES);
    let small = small.context("the small data set is missing")?;
    let big = series.last().context("there is nothing to compare")?;
    let pairs = small.costs.named().into_iter().zip(big.costs.named());
    let measures = pairs.map(|((what, small), (_, big))| {
        Measure::new(RowId::F7, &format!("CPU {what}"), big, "µs")
            .against("on little data", small)
            .bar(Bar::RatioAtMost(1.3))
    });
    Ok(measures.collect())
}

/// F10.
pub(super) async fn start(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let house = bench.big_house().await?;
    let folder = bench.folder.join("starts");
    std::fs::create_dir(&folder)?;
    let mut took = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let node = Node::serve(&bench.server, &house.url(), None, &folder).await?;
        took.push(node.start.as_secs_f64());
        node.stop().await?;
    }
    took.sort_unstable_by(f64::total_cmp);
    let of = |what, figure| Measure::new(RowId::F10, what, figure, "s");
    Ok(vec![
        of("start until ready", took[STARTS / 2]).bar(Bar::AtMost(0.3)),
        of("longest start", took[STARTS - 1]),
    ])
}

/// A point on data that no other row needs, and that is gone afterwards.
async fn passing(bench: &Bench, plan: Plan) -> anyhow::Result<Point> {
    let folder = bench.folder.join("passing");
    let readers = READERS.min(plan.users);
    let house = House::build(&bench.server, plan, readers, &folder).await?;
    let point = costs::point(bench, &house).await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(messages: u64, page: f64) -> Point {
        Point {
            users: 1,
            messages,
            inbox: 1,
            costs: Costs {
                page,
                ..Costs::default()
            },
        }
    }

    #[test]
    fn the_most_data_is_held_against_the_small_data_set() {
        let series = [
            point(10_000, 100.0),
            point(super::super::MESSAGES, 200.0),
            point(1_000_000, 900.0),
            point(10_000_000, 250.0),
        ];
        let page = &measures(&series).unwrap()[0];
        assert_eq!(page.what, "CPU a page");
        assert_eq!(page.ratio(), Some(1.25));
        assert_eq!(page.met(), Some(true));
    }
}
