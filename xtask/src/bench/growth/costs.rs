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
    let list = |path: &'static str, entries: usize| {
        let lists = (0..LANES).map(|_| Listing::of(reader, path, entries));
        page::read(&node, lists.collect(), bench.length())
    };
    // Of a hundred people, nobody is called by two words so rare.
    let found_by_two = usize::from(users >= 1_000);
    let costs = Costs {
        page,
        inbox: list("/conversations", inbox.min(A_LIST)).await?.cpu,
        directory: list("/users", A_LIST).await?.cpu,
        search: list("/users?q=mar", 1).await?.cpu,
        search_for_two_words: list("/users?q=an+sm", found_by_two).await?.cpu,
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
