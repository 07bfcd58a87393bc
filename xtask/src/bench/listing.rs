use std::sync::Arc;

use anyhow::ensure;

use super::closed_loop::Lane;
use super::http::{Answer, Request};
use super::people::Person;

/// A list of people or conversations, again and again.
pub(super) struct Listing {
    request: Arc<Request>,
    /// So many entries at least.
    entries: usize,
}

impl Listing {
    pub(super) fn of(reader: &Person, path: &str, entries: usize) -> Self {
        Self {
            request: Arc::new(Request::get(path, &reader.cookie)),
            entries,
        }
    }
}

impl Lane for Listing {
    fn next(&mut self) -> Option<Arc<Request>> {
        Some(Arc::clone(&self.request))
    }

    fn check(&mut self, answer: Answer<'_>) -> anyhow::Result<()> {
        let page = answer.expect(200)?.body;
        // Beside the list of people stands the inbox.
        let list = page
            .split_once("id=\"people\"")
            .map_or(page, |(_, people)| people);
        let entries = list.matches("<a class=\"entry\"").count();
        ensure!(entries >= self.entries, "a list of {entries}");
        Ok(())
    }
}
