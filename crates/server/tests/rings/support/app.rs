use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use broker::Nats;
use domain::conversations::ConversationId;
use domain::messages::{Appended, ClientId, MessageBody, MessageId, NewMessage, Recipient};
use domain::sessions::{Password, PasswordHash, PasswordHasher as _};
use domain::users::{Added, DisplayName, NewUser, UserId, Username};
use domain::{Clock, Ids as _, RandomIds, SystemClock, Timestamp};
use migrations::sea_orm_migration::MigratorTrait as _;
use passwords::Argon2Hasher;
use server::listener;
use server::metrics::Metrics;
use server::schema::Schema;
use server::settings::RateLimit;
use server::wiring::{Settings, wire_by};
use storage::Store;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;
use web::{Answers, Streams};

use super::{Database, TestClient};

/// A server on a port of its own, wired as the binary wires it.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    /// Where its figures are, if they were wished for.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) store: Store,
    pub(crate) database: Database,
    pub(crate) streams: Streams,
    router: Router,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "password";

/// What a test may want otherwise than the defaults.
pub(crate) struct Wish {
    pub(crate) public_url: Option<&'static str>,
    pub(crate) send_rate: RateLimit,
    pub(crate) login_rate: RateLimit,
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
    pub(crate) nats: Option<Nats>,
    pub(crate) metrics: bool,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Default for Wish {
    fn default() -> Self {
        let (send_rate, login_rate) = (RateLimit::Off, RateLimit::Off);
        Self {
            public_url: None,
            send_rate,
            login_rate,
            trusted_proxies: Vec::new(),
            nats: None,
            metrics: false,
            clock: Arc::new(SystemClock),
        }
    }
}

impl TestApp {
    /// With davidjones, jamessmith and marybrown in it, and no limits on rates.
    pub(crate) async fn start(database: Database) -> Self {
        Self::start_as(database, Wish::default()).await
    }

    pub(crate) async fn start_as(database: Database, wish: Wish) -> Self {
        let schema_connection = migrations::connect(&database.url()).await.unwrap();
        migrations::Migrator::up(&schema_connection, None)
            .await
            .unwrap();
        let app = Self::open(database, wish).await;
        for name in [
            ("davidjones", "David Jones"),
            ("jamessmith", "James Smith"),
            ("marybrown", "Mary Brown"),
        ] {
            app.add_user(name.0, name.1).await;
        }
        app
    }

    /// Another server on the same database, to be stopped before this one.
    pub(crate) async fn another_as(&self, wish: Wish) -> Self {
        Self::open(self.database.of_another(), wish).await
    }

    async fn open(database: Database, wish: Wish) -> Self {
        let schema = Schema::of_existing(&database.url().parse().unwrap())
            .await
            .unwrap();
        let store = Store::open(&database.url()).await.unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let own_url = format!("http://{address}");
        let public_url = wish.public_url.unwrap_or(&own_url).parse().unwrap();
        let settings = Settings {
            public_url,
            trusted_proxies: wish.trusted_proxies,
            nats: wish.nats,
            send_rate: wish.send_rate,
            login_rate: wish.login_rate,
        };
        let wired = wire_by(wish.clock, &store, schema, settings);
        let streams = wired.app.streams.clone();
        let mut router = web::router(wired.app.clone());
        let mut metrics = None;
        if wish.metrics {
            let answers = Answers::default();
            router = answers.count(router);
            let figures = Metrics::of(&wired, &store, answers).router();
            metrics = Some(serve_figures(figures).await);
        }
        let (stop, served) = serve(listener, router.clone());

        Self {
            address,
            metrics,
            store,
            database,
            streams,
            router,
            stop,
            served,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A client that holds no session.
    pub(crate) fn client(&self) -> TestClient {
        TestClient::new(self.address)
    }

    /// A client signed in as this user.
    pub(crate) async fn signed_in(&self, username: &str) -> TestClient {
        let client = self.client();
        client.sign_in(username, PASSWORD).await;
        client
    }

    /// Every path there is, as the router holds it: `/conversations/{username}`.
    pub(crate) fn paths(&self) -> BTreeSet<String> {
        let listing = format!("{:?}", self.router);
        let (_, paths) = listing.split_once("paths: {").unwrap();
        let (paths, _) = paths.split_once("\"}").unwrap();
        paths
            .split('"')
            .filter(|piece| piece.starts_with('/'))
            .map(str::to_owned)
            .collect()
    }

    pub(crate) async fn add_user(&self, username: &str, display_name: &str) -> UserId {
        add_user(&self.store, username, display_name).await
    }

    pub(crate) async fn disable(&self, username: &str) {
        let username = Username::parse(username).unwrap();
        assert!(
            self.store
                .users()
                .set_enabled(&username, false, SystemClock.now())
                .await
                .unwrap()
        );
    }

    /// Stores a message without going through HTTP.
    pub(crate) async fn message(&self, from: &str, to: &str, text: &str) {
        self.message_at(SystemClock.now(), from, to, text).await;
    }

    /// The same, as if it had been sent at that time.
    pub(crate) async fn message_at(&self, sent_at: Timestamp, from: &str, to: &str, text: &str) {
        let now = SystemClock.now();
        let message = NewMessage {
            id: MessageId(RandomIds.uuid(now)),
            client_id: ClientId(RandomIds.uuid(now)),
            conversation: ConversationId(RandomIds.uuid(now)),
            sender: self.user_id(from).await,
            to: Recipient::Named(Username::parse(to).unwrap()),
            body: MessageBody::parse(text).unwrap(),
            sent_at,
        };
        let appended = self.store.messages().append(&message).await.unwrap();
        assert!(matches!(appended, Appended::New(..)));
    }

    pub(crate) async fn user_id(&self, username: &str) -> UserId {
        let username = Username::parse(username).unwrap();
        self.store
            .users()
            .find_by_username(&username)
            .await
            .unwrap()
            .unwrap()
            .id
    }

    /// Ends as if killed: every connection breaks off, nothing is told to anybody.
    pub(crate) async fn crash(&mut self) {
        self.served.abort();
        while !self.served.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    /// Serves again, at the same address.
    pub(crate) async fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        (self.stop, self.served) = serve(listener, self.router.clone());
    }

    /// Stops the server and removes its data.
    pub(crate) async fn stop(self) {
        self.streams.end();
        drop(self.stop);
        self.served.await.unwrap();
        self.store.close().await.unwrap();
        self.database.remove().await;
    }
}

/// Stores an account.
pub(crate) async fn add_user(store: &Store, username: &str, display_name: &str) -> UserId {
    let now = SystemClock.now();
    let user = NewUser {
        id: UserId(RandomIds.uuid(now)),
        username: Username::parse(username).unwrap(),
        display_name: DisplayName::parse(display_name).unwrap(),
        password_hash: password_hash().await,
        created_at: now,
        enabled: true,
    };
    assert_eq!(store.users().add(&user).await.unwrap(), Added::New);
    user.id
}

/// One hash for everybody: hashing is slow on purpose.
async fn password_hash() -> PasswordHash {
    static HASH: OnceCell<PasswordHash> = OnceCell::const_new();
    let hash = || async {
        Argon2Hasher::new()
            .hash(Password::typed(PASSWORD.to_owned()))
            .await
            .unwrap()
    };
    HASH.get_or_init(hash).await.clone()
}

/// Serves them until the test ends.
async fn serve_figures(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let never = std::future::pending();
    tokio::spawn(listener::serve(listener, router, never, Duration::ZERO));
    address
}

fn serve(listener: TcpListener, router: Router) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(async move {
        // A dropped sender stops the server too.
        let stopped = async move { drop(stopped.await) };
        listener::serve(listener, router, stopped, Duration::from_secs(5)).await;
    });
    (stop, served)
}
