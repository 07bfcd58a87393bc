use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// What stands between two programs, as a load balancer or a bad network does. Dropped, it breaks
/// every connection.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    orders: watch::Sender<Orders>,
    _passing: JoinSet<()>,
}

#[derive(Clone, Copy)]
struct Orders {
    /// What becomes of a new connection.
    way: Way,
    /// How long every piece takes that passes.
    delay: Duration,
    /// How often all that were open have been broken.
    cuts: u32,
    /// How often all that were open have gone dead.
    deaths: u32,
}

#[derive(Clone, Copy)]
enum Way {
    /// It leads there.
    To(SocketAddr),
    /// It is hung up on.
    Closed,
    /// It is taken, and nothing ever comes of it.
    Nowhere,
}

impl Proxy {
    /// A new one, in front of this.
    pub(crate) async fn to(there: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (orders, obeyed) = watch::channel(Orders {
            way: Way::To(there),
            delay: Duration::ZERO,
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

    /// New connections reach this. Those that are open stay what they are.
    pub(crate) fn lead_to(&self, there: SocketAddr) {
        self.orders
            .send_modify(|orders| orders.way = Way::To(there));
    }

    /// New connections are hung up on. Those that are open stay what they are.
    pub(crate) fn refuse(&self) {
        self.orders.send_modify(|orders| orders.way = Way::Closed);
    }

    /// Whatever passes takes so long each time.
    pub(crate) fn delay(&self, delay: Duration) {
        self.orders.send_modify(|orders| orders.delay = delay);
    }

    /// Breaks every open connection, at both ends.
    pub(crate) fn cut(&self) {
        self.orders.send_modify(|orders| orders.cuts += 1);
    }

    /// A black hole: nothing passes any more and nobody is told. The connections that are open
    /// stay so, and dead for ever; new ones are taken, and are dead as well.
    pub(crate) fn swallow(&self) {
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
        while connections.try_join_next().is_some() {}
    }
}

async fn carry(near: TcpStream, mut orders: watch::Receiver<Orders>) {
    let begun = *orders.borrow();
    let far = match begun.way {
        Way::Closed => return,
        Way::Nowhere => None,
        Way::To(there) => match TcpStream::connect(there).await {
            Ok(far) => Some(far),
            Err(_nobody_there) => return,
        },
    };
    // Held open to the end, whatever becomes of them.
    let (mut near_from, mut near_to) = split(near);
    let mut far = far.map(split);
    if let Some((far_from, far_to)) = &mut far {
        let (there, back) = (orders.clone(), orders.clone());
        let broken = orders.wait_for(|now| (now.cuts, now.deaths) != (begun.cuts, begun.deaths));
        tokio::select! {
            () = both(
                pump(&mut near_from, far_to, &there),
                pump(far_from, &mut near_to, &back),
            ) => return,
            _broken = broken => {}
        }
    }
    // Dead, both ends are held open until they are cut, or the proxy goes.
    let _cut = orders.wait_for(|now| now.cuts != begun.cuts).await;
}

/// Until both ways have ended, or one has broken.
async fn both(there: impl Future<Output = bool>, back: impl Future<Output = bool>) {
    tokio::pin!(there, back);
    let (in_order, other_is_there) = tokio::select! {
        in_order = &mut there => (in_order, false),
        in_order = &mut back => (in_order, true),
    };
    if in_order {
        if other_is_there {
            there.await;
        } else {
            back.await;
        }
    }
}

/// Passes on what comes in, up to its end; false when either side broke off.
async fn pump(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    orders: &watch::Receiver<Orders>,
) -> bool {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let Ok(read) = from.read(&mut piece).await else {
            return false;
        };
        if read == 0 {
            return to.shutdown().await.is_ok();
        }
        let delay = orders.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return false;
        }
    }
}

/// In pieces as small as they come.
fn split(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    stream.set_nodelay(true).unwrap();
    stream.into_split()
}
