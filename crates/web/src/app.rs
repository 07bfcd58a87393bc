use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRef;
use domain::conversations::Conversations;
use domain::live::{Live, Presence};
use domain::messages::{ClientId, Messages};
use domain::sessions::Sessions;
use domain::users::{Directory, Profile};
use domain::{Clock, Ids};
use ipnet::IpNet;
use url::Url;

use crate::pages::Drawings;
use crate::streams::Streams;

/// Everything a request can ask for; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<(Services, Drawings)>);

/// What an [`App`] is made of.
pub struct Services {
    /// Who else is there.
    pub directory: Directory,
    /// What one says of oneself.
    pub profile: Profile,
    /// Signing in and out.
    pub sessions: Sessions,
    /// The inbox.
    pub conversations: Conversations,
    /// Reading and writing.
    pub messages: Messages,
    /// What happens.
    pub live: Live,
    /// Who is here.
    pub presence: Presence,
    /// Who is being told.
    pub streams: Streams,
    /// For what is shown relative to now.
    pub clock: Arc<dyn Clock>,
    /// For the client ids of forms.
    pub ids: Arc<dyn Ids>,
    /// What `/readyz` asks.
    pub readiness: Arc<dyn Readiness>,
    /// How it is reached.
    pub config: Arc<Config>,
}

impl App {
    /// Of these services.
    #[must_use]
    pub fn new(services: Services) -> Self {
        Self(Arc::new((services, Drawings::default())))
    }

    /// What was drawn before.
    pub(crate) fn drawings(&self) -> &Drawings {
        &self.0.1
    }

    /// A client id for a form that has not got one from its client.
    pub(crate) fn new_client_id(&self) -> ClientId {
        ClientId(self.ids.uuid(self.clock.now()))
    }
}

impl Deref for App {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0.0
    }
}

/// How the server is reached from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address people type. `https` makes cookies `Secure` and sends HSTS.
    pub public_url: Url,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
}

impl Config {
    /// Whether people reach the server over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// Something the server needs is missing; says what, for the log and the probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReady(pub String);

/// Whether the server can do its work now.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Asks everything the server needs, each within a second or so.
    async fn check(&self) -> Result<(), NotReady>;
}

impl FromRef<App> for Arc<Config> {
    fn from_ref(app: &App) -> Self {
        Self::clone(&app.config)
    }
}
