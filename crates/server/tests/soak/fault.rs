use std::time::Duration;

use migrations::sea_orm_migration::sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tokio::time::sleep;

use crate::faults::chance::Chance;
use crate::faults::stage::{Stage, all_are_ready};
use crate::support::within;

/// What breaks, and for some where: at which node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// `kill -9` of the first node.
    Kill,
    /// The first node is asked to end.
    Terminate,
    /// Clients are hung up on.
    DoorCut(usize),
    /// Clients hear nothing any more.
    DoorDead(usize),
    /// Clients hear everything late.
    DoorSlow(usize),
    /// Another program has locked the `SQLite` file.
    FileLocked,
    /// The database server crashes, and is started again.
    PostgresStopped,
    /// The database server stands still.
    PostgresPaused,
    /// The connections to the database are hung up on.
    PostgresCut(usize),
    /// Nothing comes over the connections to the database any more.
    PostgresDead(usize),
    /// Everything comes late over them.
    PostgresSlow(usize),
    /// The broker is killed, and started again.
    NatsStopped,
    /// The connection to the broker is hung up on.
    NatsCut(usize),
    /// Nothing comes over it any more.
    NatsDead(usize),
}

const SLOW: Duration = Duration::from_millis(60);
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(6);

impl Fault {
    /// Each of those that this stage can have is as likely, but for the first node's death, which is
    /// twice as likely.
    pub(crate) fn draw<const NODES: usize>(stage: &Stage<NODES>, chance: &mut Chance) -> Self {
        let node = chance.below(NODES);
        let mut all = vec![
            Self::Kill,
            Self::Kill,
            Self::Terminate,
            Self::DoorCut(node),
            Self::DoorDead(node),
            Self::DoorSlow(node),
        ];
        if stage.postgres.is_some() {
            all.extend([
                Self::PostgresStopped,
                Self::PostgresPaused,
                Self::PostgresCut(node),
                Self::PostgresDead(node),
                Self::PostgresSlow(node),
            ]);
        } else {
            all.push(Self::FileLocked);
        }
        if stage.nats.is_some() {
            all.extend([Self::NatsStopped, Self::NatsCut(node), Self::NatsDead(node)]);
        }
        all[chance.below(all.len())]
    }

    /// Its name without the node.
    pub(crate) fn kind(self) -> String {
        let name = format!("{self:?}");
        name.split('(').next().unwrap_or_default().to_owned()
    }

    /// Happens, lasts a while and is over: then every node is ready again. Gives what must not be.
    pub(crate) async fn happen<const NODES: usize>(
        self,
        stage: &mut Stage<NODES>,
        chance: &mut Chance,
    ) -> Option<String> {
        let lock = self.begin(stage).await;
        let mut wrong = None;
        match self {
            Self::Kill => stage.nodes[0].kill(),
            Self::Terminate => {
                let (status, took) = stage.nodes[0].terminate().await;
                if status.code() != Some(0) || took > Duration::from_secs(10) {
                    wrong = Some(format!("it ended with {status} after {took:?}"));
                }
            }
            _ => {}
        }
        sleep(chance.between(SHORT, LONG)).await;
        self.end(stage, lock).await;
        all_are_ready(&stage.nodes, true).await;
        wrong
    }

    async fn begin<const NODES: usize>(
        self,
        stage: &mut Stage<NODES>,
    ) -> Option<DatabaseConnection> {
        match self {
            Self::Kill | Self::Terminate => {}
            Self::DoorCut(node) => {
                stage.proxies[node].refuse();
                stage.proxies[node].cut();
            }
            Self::DoorDead(node) => stage.proxies[node].swallow(),
            Self::DoorSlow(node) => stage.proxies[node].delay(SLOW),
            Self::FileLocked => return Some(lock(&stage.database.url()).await),
            Self::PostgresStopped => stage.postgres.as_mut().unwrap().stop(),
            Self::PostgresPaused => stage.postgres.as_ref().unwrap().pause(),
            Self::PostgresCut(node) => {
                stage.to_postgres[node].refuse();
                stage.to_postgres[node].cut();
            }
            Self::PostgresDead(node) => stage.to_postgres[node].swallow(),
            Self::PostgresSlow(node) => stage.to_postgres[node].delay(SLOW),
            Self::NatsStopped => stage.nats.as_mut().unwrap().stop(),
            Self::NatsCut(node) => {
                stage.to_nats[node].refuse();
                stage.to_nats[node].cut();
            }
            Self::NatsDead(node) => stage.to_nats[node].swallow(),
        }
        None
    }

    async fn end<const NODES: usize>(
        self,
        stage: &mut Stage<NODES>,
        lock: Option<DatabaseConnection>,
    ) {
        match self {
            Self::Kill | Self::Terminate => stage.nodes[0].start_again().await,
            Self::DoorCut(node) | Self::DoorDead(node) | Self::DoorSlow(node) => {
                let address = stage.nodes[node].address;
                stage.proxies[node].lead_to(address);
                stage.proxies[node].delay(Duration::ZERO);
            }
            Self::FileLocked => {
                let lock = lock.unwrap();
                lock.execute_unprepared("ROLLBACK").await.unwrap();
                lock.close().await.unwrap();
            }
            Self::PostgresStopped => stage.postgres.as_mut().unwrap().start_again().await,
            Self::PostgresPaused => stage.postgres.as_ref().unwrap().go_on(),
            Self::PostgresCut(node) | Self::PostgresDead(node) | Self::PostgresSlow(node) => {
                let address = stage.postgres.as_ref().unwrap().address;
                stage.to_postgres[node].lead_to(address);
                stage.to_postgres[node].delay(Duration::ZERO);
            }
            Self::NatsStopped => stage.nats.as_mut().unwrap().start_again().await,
            Self::NatsCut(node) | Self::NatsDead(node) => {
                let address = stage.nats.as_ref().unwrap().address;
                stage.to_nats[node].lead_to(address);
            }
        }
    }
}

async fn lock(database: &str) -> DatabaseConnection {
    let connection = migrations::connect(database).await.unwrap();
    within(LONG * 2, "the file is locked", || async {
        connection.execute_unprepared("BEGIN IMMEDIATE").await.ok()
    })
    .await;
    connection
}
