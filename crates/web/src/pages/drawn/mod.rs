//! What was drawn last, so that what has not changed is not drawn again.
//!
//! What each of these depends on is asked of the store at each request, together with whether the
//! reader may see it at all. Nothing here is told of a change, so nothing can miss one, on whichever
//! node it happened.

mod entry;
mod history;

use entry::Entries;
pub(super) use entry::entries;
use history::Histories;
pub(super) use history::{Opened, open};

/// All that a node has drawn and keeps.
#[derive(Default)]
pub(crate) struct Drawings {
    histories: Histories,
    entries: Entries,
}
