use std::net::SocketAddr;
use std::time::Duration;

use storage::Store;
use tokio::time::sleep;

use super::nats_server::NatsServer;
use super::node::{Node, migrate};
use super::postgres_server::PostgresServer;
use super::proxy::Proxy;
use crate::support::{Database, PASSWORD, TestClient, add_user, within};

/// Who is there.
const ACCOUNTS: [(&str, &str); 3] = [
    ("davidjones", "David Jones"),
    ("jamessmith", "James Smith"),
    ("marybrown", "Mary Brown"),
];

/// Nodes on one database, with a broker between them when there are several. Each is behind a
/// proxy, and has proxies before the servers that it needs.
pub(crate) struct Stage<const NODES: usize> {
    pub(crate) nodes: [Node; NODES],
    pub(crate) proxies: [Proxy; NODES],
    /// In front of the broker, one for each node.
    pub(crate) to_nats: Vec<Proxy>,
    pub(crate) nats: Option<NatsServer>,
    /// In front of the database server, one for each node, when it is the stage's own.
    pub(crate) to_postgres: Vec<Proxy>,
    pub(crate) postgres: Option<PostgresServer>,
    pub(crate) database: Database,
}

impl Stage<1> {
    pub(crate) async fn single() -> Self {
        Self::on(Database::sqlite()).await
    }

    pub(crate) async fn on(database: Database) -> Self {
        Self::build(database, None, None).await
    }

    /// On a PostgreSQL server of its own.
    pub(crate) async fn on_own_postgres() -> Self {
        let (database, postgres) = own_postgres().await;
        Self::build(database, Some(postgres), None).await
    }
}

impl Stage<2> {
    pub(crate) async fn cluster() -> Self {
        let (database, nats) = (Database::postgres().await, NatsServer::start().await);
        Self::build(database, None, Some(nats)).await
    }

    /// On a PostgreSQL server of its own.
    pub(crate) async fn cluster_on_own_postgres() -> Self {
        let (database, postgres) = own_postgres().await;
        let nats = NatsServer::start().await;
        Self::build(database, Some(postgres), Some(nats)).await
    }

    /// Does this while NATS is away, which is ten seconds at least. No node is ready meanwhile.
    pub(crate) async fn without_nats(&mut self, work: impl Future<Output = ()>) {
        let nats = self.nats.as_mut().expect("there is one between two nodes");
        let outage = sleep(Duration::from_secs(10));
        nats.stop();
        all_are_ready(&self.nodes, false).await;
        tokio::join!(work, outage);
        nats.start_again().await;
        all_are_ready(&self.nodes, true).await;
    }
}

async fn own_postgres() -> (Database, PostgresServer) {
    let postgres = PostgresServer::start().await;
    let url = PostgresServer::url_at(postgres.address);
    (Database::OfAnother { url }, postgres)
}

/// Makes the schema and the accounts.
async fn prepare(database: &str) {
    migrate(database);
    let store = Store::open(database).await.unwrap();
    for (username, display_name) in ACCOUNTS {
        add_user(&store, username, display_name).await;
    }
    store.close().await.unwrap();
}

/// Waits until they all say so, or the opposite.
pub(crate) async fn all_are_ready(nodes: &[Node], is_so: bool) {
    let patience = Duration::from_secs(30);
    for node in nodes {
        within(patience, "the node says whether it is ready", || async {
            (node.is_ready().await == is_so).then_some(())
        })
        .await;
    }
}

impl<const NODES: usize> Stage<NODES> {
    async fn build(
        database: Database,
        postgres: Option<PostgresServer>,
        nats: Option<NatsServer>,
    ) -> Self {
        prepare(&database.url()).await;
        let (mut nodes, mut proxies) = (Vec::new(), Vec::new());
        let (mut to_nats, mut to_postgres) = (Vec::new(), Vec::new());
        for _ in 0..NODES {
            let mut url = database.url();
            if let Some(postgres) = &postgres {
                let way = Proxy::to(postgres.address).await;
                url = PostgresServer::url_at(way.address);
                to_postgres.push(way);
            }
            let mut broker = None;
            if let Some(nats) = &nats {
                let way = Proxy::to(nats.address).await;
                broker = Some(format!("nats://{}", way.address));
                to_nats.push(way);
            }
            let node = Node::start(url, broker).await;
            proxies.push(Proxy::to(node.address).await);
            nodes.push(node);
        }
        Self {
            nodes: nodes.try_into().ok().expect("as many as were made"),
            proxies: proxies.try_into().ok().expect("as many as were made"),
            to_nats,
            nats,
            to_postgres,
            postgres,
            database,
        }
    }

    /// Where clients come in.
    pub(crate) fn doors(&self) -> Vec<SocketAddr> {
        self.proxies.iter().map(|proxy| proxy.address).collect()
    }

    /// A client of the node with this index that no proxy troubles.
    pub(crate) async fn beside(&self, node: usize, username: &str) -> TestClient {
        let client = TestClient::new(self.nodes[node].address);
        client.sign_in(username, PASSWORD).await;
        client
    }

    /// A client behind the proxy with this index.
    pub(crate) async fn behind(&self, proxy: usize, username: &str) -> TestClient {
        let client = TestClient::new(self.proxies[proxy].address);
        client.sign_in(username, PASSWORD).await;
        client
    }

    pub(crate) async fn remove(self) {
        drop((self.proxies, self.nodes, self.nats));
        drop(self.postgres);
        self.database.remove().await;
    }
}
