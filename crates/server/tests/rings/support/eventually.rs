use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Waits for a condition, which is asked again and again for up to ten seconds.
pub(crate) async fn eventually<T, F>(what: &str, condition: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    within(Duration::from_secs(10), what, condition).await
}

/// The same, for what may take longer.
pub(crate) async fn within<T, F>(
    patience: Duration,
    what: &str,
    mut condition: impl FnMut() -> F,
) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + patience;
    loop {
        if let Some(met) = condition().await {
            return met;
        }
        assert!(
            Instant::now() < deadline,
            "within {patience:?} it did not come about that {what}"
        );
        sleep(Duration::from_millis(25)).await;
    }
}
