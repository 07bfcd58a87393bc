use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Version;
use axum::response::Response;

/// Where the service of a connection leaves an answer that is not for hyper but for the
/// connection's task. Clones are the same place.
///
/// hyper waits for the answer to a request until it has sent the answer before it: when one is
/// found here, the client has been sent all that came before.
#[derive(Clone, Default)]
pub(super) struct Handover(Arc<Mutex<Option<Left>>>);

/// An answer, and the version of the request.
type Left = (Version, Response);

impl Handover {
    /// Leaves the answer to a request of that version. This is never done: as far as hyper knows,
    /// the answer is still awaited when it is taken away.
    pub(super) async fn leave(&self, version: Version, answer: Response) -> Response {
        *self.place() = Some((version, answer));
        pending().await
    }

    /// What was left since.
    pub(super) fn take(&self) -> Option<Left> {
        self.place().take()
    }

    fn place(&self) -> MutexGuard<'_, Option<Left>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
