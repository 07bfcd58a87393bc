//! F6: what the server's memory is, idle and with many streams open on which nothing happens.

use std::time::Duration;

use tokio::time::sleep;

use super::arrivals::{Arrivals, Listening};
use super::people;
use super::report::{Bar, Measure};
use super::{Bench, RowId, number};

/// Of each person; a server lets one have 32.
const STREAMS_OF_EACH: usize = 5;
/// How long after its start a server is idle.
const AT_REST: Duration = Duration::from_secs(2);
/// Signs of life come every quarter minute, looks into the store every half: one look at least
/// falls into this.
const OPEN_FOR: Duration = Duration::from_secs(35);
const QUICK_OPEN_FOR: Duration = Duration::from_secs(3);
/// How long it may take until the server has noticed that all have left.
const LEAVING: Duration = Duration::from_secs(10);

const KIBIBYTE: f64 = 1024.0;
const MEGABYTE: f64 = 1_000_000.0;

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<Vec<Measure>> {
    let house = bench.small_house().await?;
    let folder = bench.folder.join("memory");
    let node = house.open(&bench.server, &folder).await?;
    sleep(AT_REST).await;
    let idle = node.resident()?;

    // One stream each first, since all that a user costs only once comes with it.
    let mut listening = Listening::default();
    let mut first = 0.0;
    for round in 0..STREAMS_OF_EACH {
        let everybody = house.people.iter().cloned();
        let places = everybody.map(|person| (person, node.address.clone()));
        let streams = people::open_streams(places).await?;
        Arrivals::default().listen(streams, &mut listening);
        if round == 0 {
            sleep(AT_REST).await;
            first = node.resident()?;
        }
    }
    let streams = house.people.len() * STREAMS_OF_EACH;
    sleep(AT_REST).await;
    let opened = node.resident()?;
    let before = node.cpu()?;
    let open_for = if bench.quick {
        QUICK_OPEN_FOR
    } else {
        OPEN_FOR
    };
    sleep(open_for).await;
    let beating = node.cpu()?.saturating_sub(before).as_secs_f64() / open_for.as_secs_f64();
    let full = node.resident()?;
    listening.all_is_well()?;
    drop(listening);
    sleep(LEAVING).await;
    let left = node.resident()?;
    node.stop().await?;

    let each = |memory: f64, before: f64, streams| (memory - before) / KIBIBYTE / number(streams);
    let rest = streams - house.people.len();
    let of = |what: &str, figure, unit| Measure::new(RowId::F6, what, figure, unit);
    Ok(vec![
        of("idle server", idle / MEGABYTE, "MB").bar(Bar::AtMost(25.0)),
        of("an open stream, of 5000", each(full, idle, streams), "KiB").bar(Bar::AtMost(12.0)),
        of(
            "the same when just opened",
            each(opened, idle, streams),
            "KiB",
        ),
        of(
            "the first stream of a user",
            each(first, idle, house.people.len()),
            "KiB",
        ),
        of("each stream more", each(opened, first, rest), "KiB"),
        of("server with 5000 streams", full / MEGABYTE, "MB"),
        of("when all have left", left / MEGABYTE, "MB"),
        of("CPU of 5000 idle streams", beating * 100.0, "%"),
    ])
}
