//! What a port says when it could not do its work.

use std::error::Error;

/// The store did not do what was asked; nothing of it was done.
///
/// Its source is for the log. Nobody outside the process is shown it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is away, locked or overloaded: the same call may succeed later.
    #[error("the store is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// It answered something that must not happen: a fault in the program or its data.
    #[error("the store failed")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}
