use anyhow::ensure;

use super::{Costs, Point};
use crate::bench::closed_loop::LANES;
use crate::bench::http::Connection;
use crate::bench::listing::Listing;
use crate::bench::{Bench, house::House, inbox, page, sending, stored};

/// So many entries a list shows at once.
const A_LIST: usize = 50;

/// Measures one request after the other on a copy of this data, which is gone afterwards.
pub(super) async fn point(bench: &Bench, house: &House) -> anyhow::Result<Point> {
    let folder = bench.folder.join("growth");
    let node = house.open(&bench.server, &folder).await?;
    let (users, messages) = (house.plan.users, house.plan.messages);
    let reader = &house.people[0];
    let mut connection = Connection::open(&node.address).await?;
    let mut sides = inbox::sides(&mut connection, reader).await?;
    let inbox = sides.len();
    sides.retain(inbox::Side::is_long);

    let pages = page::begin(&mut connection, &sides).await?;
    let page = page::read(&node, pages, bench.length()).await?.cpu;
    let search = Listing::search(&mut connection, reader, "mar").await?;
    // Of a hundred people, it may be that nobody is called so.
    ensure!(search.entries() > 0 || users < 1_000, "nobody is found");
    let search_for_full_name = Listing::search_for_somebody(&mut connection, reader).await?;
    let read = |list: Listing| page::read(&node, vec![list; LANES], bench.length());
    let list = |path, entries| read(Listing::of(reader, path, entries));
    let costs = Costs {
        page,
        inbox: list("/conversations", inbox.min(A_LIST)).await?.cpu,
        directory: list("/users", A_LIST).await?.cpu,
        search: read(search).await?.cpu,
        search_for_full_name: read(search_for_full_name).await?.cpu,
        send: {
            let json = sending::Way::Json;
            let (acknowledged, sent) = sending::send(&node, &house.people, json, bench).await?;
            stored::exactly_once(&node.address, acknowledged).await?;
            sent.cpu
        },
    };
    node.stop().await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(Point {
        users,
        messages,
        inbox,
        costs,
    })
}
