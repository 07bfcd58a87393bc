//! What is right about a page of a conversation.

use std::sync::Arc;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::closed_loop::Lane;
use super::http::{Answer, Connection, Request, encoded};
use super::inbox::Side;

/// How many messages a page shows.
const A_PAGE: usize = 50;

/// One page, read again and again. Its history must stay what it was at first, byte by byte;
/// around it the page may change, as its composer does each time.
pub(super) struct Reading {
    request: Arc<Request>,
    /// The whole page as it was.
    pub(super) page: String,
}

#[derive(Deserialize)]
struct Piece {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    seq: u64,
    body: String,
}

impl Reading {
    /// Reads it for the first time, and compares its messages with those that the API tells.
    pub(super) async fn begin(connection: &mut Connection, side: &Side) -> anyhow::Result<Self> {
        let with = encoded(&side.with);
        let api = format!("/api/v1/conversations/{with}/messages");
        let answer = connection
            .ask(&Request::get(&api, &side.reader.cookie))
            .await?;
        let piece: Piece = serde_json::from_str(answer.expect(200)?.body)?;
        let request = request(side);
        let page = connection.ask(&request).await?.expect(200)?.body.to_owned();
        shows(&page, &piece.messages)?;
        Ok(Self { request, page })
    }
}

impl Lane for Reading {
    fn next(&mut self) -> Option<Arc<Request>> {
        Some(Arc::clone(&self.request))
    }

    fn check(&mut self, answer: Answer<'_>) -> anyhow::Result<()> {
        let page = answer.expect(200)?.body;
        ensure!(history(page)? == history(&self.page)?, "a page has changed");
        Ok(())
    }
}

/// Different pages, each read once. Each must end with a text of which it is known.
pub(super) struct ReadingOnce(pub(super) Vec<(Side, String)>);

impl Lane for ReadingOnce {
    fn next(&mut self) -> Option<Arc<Request>> {
        self.0.last().map(|(side, _)| request(side))
    }

    fn check(&mut self, answer: Answer<'_>) -> anyhow::Result<()> {
        let page = answer.expect(200)?.body;
        let (_, text) = self.0.pop().context("an answer that was not asked for")?;
        let history = history(page)?;
        let last = history.rsplit("<li ").next().unwrap_or(history);
        ensure!(last.contains(&text), "a page lacks its newest message");
        ensure!(bubbles(history) == A_PAGE, "a page lacks messages");
        Ok(())
    }
}

fn request(side: &Side) -> Arc<Request> {
    let path = format!("/conversations/{}", encoded(&side.with));
    Arc::new(Request::get(&path, &side.reader.cookie))
}

/// The list of messages in a page: it comes with one piece of history.
fn history(page: &str) -> anyhow::Result<&str> {
    let begin = page.find("<div id=\"messages\"").context("no history")?;
    let list = &page[begin..];
    let end = list.find("</ol>").context("a history without an end")?;
    Ok(&list[..end])
}

fn bubbles(history: &str) -> usize {
    history.matches("<li class=\"message ").count()
}

/// # Errors
/// When the page is not made of exactly these messages in this order.
fn shows(page: &str, messages: &[Message]) -> anyhow::Result<()> {
    let history = history(page)?;
    let count = bubbles(history);
    ensure!(
        messages.len() == A_PAGE && count == A_PAGE,
        "{count} messages"
    );
    let mut rest = history;
    for Message { seq, body } in messages {
        let id = format!("id=\"m-{seq}\"");
        let (_, after) = rest.split_once(&id).with_context(|| format!("no {seq}"))?;
        let bubble = after.split("<li ").next().unwrap_or(after);
        // What HTML writes in another way is left to the tests.
        let is_plain = !body.contains(['<', '>', '&', '"', '\'', '\n']) && !body.contains("://");
        ensure!(!is_plain || bubble.contains(body), "another text in {seq}");
        rest = after;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(seqs: impl IntoIterator<Item = u64>) -> String {
        let bubbles = seqs
            .into_iter()
            .map(|seq| format!("<li class=\"message mine\" id=\"m-{seq}\"><p>text {seq}</p></li>"));
        let bubbles: String = bubbles.collect();
        format!("<ol></ol><div id=\"messages\" data-x><ol class=\"piece\">{bubbles}</ol></div>")
    }

    fn messages() -> Vec<Message> {
        let message = |seq| Message {
            seq,
            body: format!("text {seq}"),
        };
        (11..=60).map(message).collect()
    }

    #[test]
    fn a_page_shows_fifty_messages_in_order_with_their_texts() {
        assert!(shows(&page(11..=60), &messages()).is_ok());
        for wrong in [
            page(11..=59),
            page(11..=61),
            page((11..=60).rev()),
            page((11..=59).chain([60, 60])),
            page(11..=60).replace("text 30", "text"),
            page(11..=60).replace("</ol>", ""),
        ] {
            assert!(shows(&wrong, &messages()).is_err());
        }
    }

    #[test]
    fn the_history_is_what_stands_in_its_list() {
        let page = page([7]);
        assert!(history(&page).unwrap().ends_with("text 7</p></li>"));
        assert!(history("<p>").is_err());
    }
}
