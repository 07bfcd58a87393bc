use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What stands between clients and a node, as a load balancer or a bad network does. Dropped, it
/// breaks every connection.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    orders: watch::Sender<Orders>,
    _passing: JoinSet<()>,
}

#[derive(Clone, Copy)]
struct Orders {
    /// What becomes of a new connection.
    way: Way,
    /// How often all that were open have been broken.
    cuts: u32,
    /// How often all that were open have gone dead.
    deaths: u32,
}

#[derive(Clone, Copy)]
enum Way {
    /// It leads to this node.
    To(SocketAddr),
    /// It is hung up on.
    Closed,
    /// It is taken, and nothing ever comes of it.
    Nowhere,
}

impl Proxy {
    /// A new one, in front of this node.
    pub(super) async fn to(node: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (orders, obeyed) = watch::channel(Orders {
            way: Way::To(node),
            cuts: 0,
            deaths: 0,
        });
        let mut passing = JoinSet::new();
        passing.spawn(pass(listener, obeyed));
        Self {
            address,
            orders,
            _passing: passing,
        }
    }

    /// New connections reach this node. Those that are open stay what they are.
    pub(super) fn lead_to(&self, node: SocketAddr) {
        self.orders.send_modify(|orders| orders.way = Way::To(node));
    }

    /// New connections are hung up on. Those that are open stay what they are.
    pub(super) fn refuse(&self) {
        self.orders.send_modify(|orders| orders.way = Way::Closed);
    }

    /// Breaks every open connection, at both ends.
    pub(super) fn cut(&self) {
        self.orders.send_modify(|orders| orders.cuts += 1);
    }

    /// A black hole: nothing passes any more and nobody is told. The connections that are open
    /// stay so, and dead for ever; new ones are taken, and are dead as well.
    pub(super) fn swallow(&self) {
        self.orders.send_modify(|orders| {
            orders.way = Way::Nowhere;
            orders.deaths += 1;
        });
    }
}

async fn pass(listener: TcpListener, orders: watch::Receiver<Orders>) {
    let mut connections = JoinSet::new();
    loop {
        let (near, _) = listener.accept().await.unwrap();
        connections.spawn(carry(near, orders.clone()));
    }
}

async fn carry(mut near: TcpStream, mut orders: watch::Receiver<Orders>) {
    let begun = *orders.borrow();
    let mut far = match begun.way {
        Way::Closed => return,
        Way::Nowhere => None,
        Way::To(node) => match TcpStream::connect(node).await {
            Ok(far) => Some(far),
            Err(_nobody_there) => return,
        },
    };
    if let Some(far) = &mut far {
        let broken = orders.wait_for(|now| (now.cuts, now.deaths) != (begun.cuts, begun.deaths));
        tokio::select! {
            // Either end may break off.
            _over = copy_bidirectional(&mut near, far) => return,
            _broken = broken => {}
        }
    }
    // Dead, both ends are held open until they are cut, or the proxy goes.
    let _cut = orders.wait_for(|now| now.cuts != begun.cuts).await;
}
