use std::sync::Arc;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::closed_loop::Lane;
use super::http::{Answer, Connection, Request, encoded};
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
    items: Vec<FoundUser>,
}

#[derive(Deserialize)]
struct FoundUser {
    display_name: String,
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
        let words = encoded(words);
        let found = found(connection, reader, &format!("q={words}")).await?;
        let path = format!("/users?q={words}");
        Ok(Self::of(reader, &path, found.len()))
    }

    /// The same by all of what somebody is called.
    pub(super) async fn search_for_somebody(
        connection: &mut Connection,
        reader: &Person,
    ) -> anyhow::Result<Self> {
        let somebody = found(connection, reader, "limit=1").await?.pop();
        let name = somebody.context("nobody is there")?.display_name;
        let search = Self::search(connection, reader, &name).await?;
        ensure!(search.entries > 0, "nobody is called {name}");
        Ok(search)
    }

    /// How many entries it has.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }
}

async fn found(
    connection: &mut Connection,
    reader: &Person,
    query: &str,
) -> anyhow::Result<Vec<FoundUser>> {
    let request = Request::get(&format!("/api/v1/users?{query}"), &reader.cookie);
    let answer = connection.ask(&request).await?.expect(200)?;
    Ok(serde_json::from_str::<Found>(answer.body)?.items)
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
