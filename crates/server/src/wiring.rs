//! The services on their adapters.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use broker::{InProcess, Nats};
use domain::conversations::Conversations;
use domain::live::{Broker, Live, Presence};
use domain::messages::Messages;
use domain::sessions::{PasswordHasher, Sessions};
use domain::users::{Accounts, Directory, Profile};
use domain::{Clock, Ids, RandomIds, SteadyClock, SystemClock};
use ipnet::IpNet;
use passwords::Argon2Hasher;
use storage::Store;
use tokio::time::timeout;
use url::Url;
use web::{App, Config, NotReady, Readiness, Services, Streams};

use crate::cause;
use crate::limits::{SendRate, SignInRate};
use crate::schema::Schema;
use crate::settings::RateLimit;

/// How long the database may take to answer a probe.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// What a server is made of, besides its data.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address people type.
    pub public_url: Url,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// What connects several nodes; `None` when this is the only one.
    pub nats: Option<Nats>,
    /// How fast one user may send.
    pub send_rate: RateLimit,
    /// How fast one may try to sign in.
    pub login_rate: RateLimit,
}

/// Everything that serves, and what has to be kept in order while it does.
#[derive(Clone)]
pub struct Wired {
    /// For the router.
    pub app: App,
    /// Who is told, to be watched.
    pub broker: ServedBroker,
    /// To purge.
    pub sessions: Sessions,
    /// To forget the idle.
    pub send_rate: Arc<SendRate>,
    /// To forget the idle.
    pub sign_in_rate: Arc<SignInRate>,
}

/// What tells everybody, for those who watch it.
#[derive(Clone, Debug)]
pub enum ServedBroker {
    /// This is the only node.
    InProcess(InProcess),
    /// There are others.
    Nats(Nats),
}

impl ServedBroker {
    /// Who is told, and to whom events were lost.
    #[must_use]
    pub fn figures(&self) -> broker::Figures {
        match self {
            Self::InProcess(broker) => broker.figures(),
            Self::Nats(nats) => nats.figures(),
        }
    }

    /// Whether the other nodes can be told; `None` when there are none.
    #[must_use]
    pub fn is_connected(&self) -> Option<bool> {
        match self {
            Self::InProcess(_) => None,
            Self::Nats(nats) => Some(nats.is_connected()),
        }
    }

    fn port(&self) -> Arc<dyn Broker> {
        match self {
            Self::InProcess(broker) => Arc::new(broker.clone()),
            Self::Nats(nats) => Arc::new(nats.clone()),
        }
    }
}

/// A server on this store, by the machine's clock.
#[must_use]
pub fn wire(store: &Store, schema: Schema, settings: Settings) -> Wired {
    wire_by(Arc::new(SystemClock), store, schema, settings)
}

/// A server on this store, by this clock, which may jump.
#[must_use]
pub fn wire_by(clock: Arc<dyn Clock>, store: &Store, schema: Schema, settings: Settings) -> Wired {
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::over(clock));
    let ids: Arc<dyn Ids> = Arc::new(RandomIds);
    let served_broker = match settings.nats.clone() {
        Some(nats) => ServedBroker::Nats(nats),
        None => ServedBroker::InProcess(InProcess::new()),
    };
    let broker = served_broker.port();
    let hasher: Arc<dyn PasswordHasher> = Arc::new(Argon2Hasher::new());
    let send_rate = Arc::new(SendRate::new(settings.send_rate));
    let sign_in_rate = Arc::new(SignInRate::new(settings.login_rate));

    let sessions = Sessions::new(
        store.users(),
        store.sessions(),
        hasher,
        sign_in_rate.clone(),
        broker.clone(),
        clock.clone(),
        ids.clone(),
    );
    let messages = Messages::new(
        store.messages(),
        broker.clone(),
        send_rate.clone(),
        clock.clone(),
        ids.clone(),
    );
    let live = Live::new(store.users(), store.messages(), broker.clone());
    let presence = Presence::new(
        store.users(),
        store.conversations(),
        broker.clone(),
        clock.clone(),
    );
    let app = App::new(Services {
        directory: Directory::new(store.users()),
        profile: Profile::new(store.users(), clock.clone()),
        sessions: sessions.clone(),
        conversations: Conversations::new(store.conversations(), broker),
        messages,
        live,
        streams: Streams::start(presence.clone()),
        presence,
        clock,
        ids,
        readiness: Arc::new(Probes {
            store: store.clone(),
            schema,
            broker: served_broker.clone(),
        }),
        config: Arc::new(Config {
            public_url: settings.public_url,
            trusted_proxies: settings.trusted_proxies,
        }),
    });
    Wired {
        app,
        broker: served_broker,
        sessions,
        send_rate,
        sign_in_rate,
    }
}

/// What an operator does with the accounts of this store.
#[must_use]
pub fn accounts(store: &Store) -> Accounts {
    Accounts::new(
        store.users(),
        Arc::new(Argon2Hasher::new()),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
    )
}

/// Ready is: the database answers, its schema is the one this program needs, and the other nodes
/// can be told.
struct Probes {
    store: Store,
    schema: Schema,
    broker: ServedBroker,
}

#[async_trait]
impl Readiness for Probes {
    async fn check(&self) -> Result<(), NotReady> {
        let probe = async {
            self.store.ping().await?;
            self.schema.require_current().await
        };
        match timeout(PROBE_TIMEOUT, probe).await {
            Ok(Ok(())) if self.broker.is_connected() == Some(false) => {
                Err(NotReady("NATS is away".to_owned()))
            }
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(NotReady(cause::line(&error))),
            Err(_elapsed) => Err(NotReady("the database does not answer".to_owned())),
        }
    }
}
