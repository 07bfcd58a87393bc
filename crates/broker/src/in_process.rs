use std::sync::Arc;

use async_trait::async_trait;
use domain::live::{Broker, Event, Events};
use domain::users::UserId;

use crate::Figures;
use crate::subscribers::Subscribers;

/// Tells the subscribers of this process. Clones are the same broker.
#[derive(Clone, Debug, Default)]
pub struct InProcess {
    subscribers: Arc<Subscribers<()>>,
}

impl InProcess {
    /// Without subscribers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who is told.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.subscribers.figures()
    }
}

#[async_trait]
impl Broker for InProcess {
    async fn publish(&self, event: Event) {
        self.subscribers.tell_audience(&Arc::new(event));
    }

    async fn subscribe(&self, user: UserId) -> Events {
        let (subscription, ()) = self.subscribers.add(user, || ());
        Box::pin(subscription)
    }
}
