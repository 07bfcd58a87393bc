use std::sync::Arc;

use anyhow::ensure;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::closed_loop::Lane;
use super::http::{Answer, Connection, Request};
use super::people::Person;

/// A list of people or conversations, again and again.
#[derive(Clone)]
pub(super) struct Listing {
    request: Arc<Request>,
    /// So many entries.
    entries: usize,
}

#[derive(Deserialize)]
struct Found {
    items: Vec<IgnoredAny>,
}

impl Listing {
    pub(super) fn of(reader: &Person, path: &str, entries: usize) -> Self {
        Self {
            request: Arc::new(Request::get(path, &reader.cookie)),
            entries,
        }
    }

    /// Whom the API finds by these words of a URL's query.
    pub(super) async fn search(
        connection: &mut Connection,
        reader: &Person,
        words: &str,
    ) -> anyhow::Result<Self> {
        let api = Request::get(&format!("/api/v1/users?q={words}"), &reader.cookie);
        let found: Found = serde_json::from_str(connection.ask(&api).await?.expect(200)?.body)?;
        let path = format!("/users?q={words}");
        Ok(Self::of(reader, &path, found.items.len()))
    }

    /// How many entries it has.
    pub(super) fn entries(&self) -> usize {
        self.entries
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
        ensure!(
            entries == self.entries,
            "a list of {entries} instead of {}",
            self.entries
        );
        Ok(())
    }
}
