use std::time::Duration;

use storage::Store;
use tokio::time::sleep;

use super::nats_server::NatsServer;
use super::node::{Node, migrate};
use super::proxy::Proxy;
use crate::support::{Database, PASSWORD, TestClient, add_user, eventually};

/// Who is there.
const ACCOUNTS: [(&str, &str); 3] = [
    ("davidjones", "David Jones"),
    ("jamessmith", "James Smith"),
    ("marybrown", "Mary Brown"),
];

/// One node on a database, or two with a broker between them, each behind a proxy.
pub(super) struct Stage<const NODES: usize> {
    pub(super) nodes: [Node; NODES],
    pub(super) proxies: [Proxy; NODES],
    pub(super) nats: Option<NatsServer>,
    database: Database,
}

impl Stage<1> {
    pub(super) async fn single() -> Self {
        let database = Database::sqlite();
        prepare(&database.url()).await;
        let node = Node::start(database.url(), None).await;
        Self {
            proxies: [Proxy::to(node.address).await],
            nodes: [node],
            nats: None,
            database,
        }
    }
}

impl Stage<2> {
    pub(super) async fn cluster() -> Self {
        let database = Database::postgres().await;
        prepare(&database.url()).await;
        let nats = NatsServer::start().await;
        let nodes = [
            Node::start(database.url(), Some(nats.url())).await,
            Node::start(database.url(), Some(nats.url())).await,
        ];
        Self {
            proxies: [
                Proxy::to(nodes[0].address).await,
                Proxy::to(nodes[1].address).await,
            ],
            nodes,
            nats: Some(nats),
            database,
        }
    }

    /// Does this while NATS is away, which is ten seconds at least. No node is ready meanwhile.
    pub(super) async fn without_nats(&mut self, work: impl Future<Output = ()>) {
        let nats = self.nats.as_mut().expect("there is one between two nodes");
        let outage = sleep(Duration::from_secs(10));
        nats.stop();
        all_are_ready(&self.nodes, false).await;
        tokio::join!(work, outage);
        nats.start_again().await;
        all_are_ready(&self.nodes, true).await;
    }
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

async fn all_are_ready(nodes: &[Node], is_so: bool) {
    for node in nodes {
        eventually("the node says whether it is ready", || async {
            (node.is_ready().await == is_so).then_some(())
        })
        .await;
    }
}

impl<const NODES: usize> Stage<NODES> {
    /// A client of the node with this index that no proxy troubles.
    pub(super) async fn beside(&self, node: usize, username: &str) -> TestClient {
        let client = TestClient::new(self.nodes[node].address);
        client.sign_in(username, PASSWORD).await;
        client
    }

    /// A client behind the proxy with this index.
    pub(super) async fn behind(&self, proxy: usize, username: &str) -> TestClient {
        let client = TestClient::new(self.proxies[proxy].address);
        client.sign_in(username, PASSWORD).await;
        client
    }

    pub(super) async fn remove(self) {
        drop((self.proxies, self.nodes, self.nats));
        self.database.remove().await;
    }
}
