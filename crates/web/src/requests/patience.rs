use std::time::Duration;

use tokio::time::timeout;

/// How long a body may take to arrive. A message is there in an instant; who sends byte by byte only
/// holds a connection.
const PATIENCE: Duration = Duration::from_secs(15);

/// The client took too long to send the body of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;

/// What is made of a body, once it has arrived.
pub(crate) async fn arrived<T>(body: impl Future<Output = T>) -> Result<T, TooSlow> {
    timeout(PATIENCE, body).await.map_err(|_late| TooSlow)
}
