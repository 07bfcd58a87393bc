//! Whose conversations there are, as the API tells it.

use serde::Deserialize;

use super::http::{Connection, Request};
use super::people::Person;

/// A conversation as one of its members sees it.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) reader: Person,
    pub(super) with: String,
    pub(super) last_seq: u64,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Item>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    with: With,
    last_seq: u64,
}

#[derive(Deserialize)]
struct With {
    username: String,
}

/// All conversations of these people that have a whole page of messages; of each, those that
/// were active last come first.
pub(super) async fn long_sides(
    connection: &mut Connection,
    readers: &[Person],
) -> anyhow::Result<Vec<Side>> {
    let mut sides = Vec::new();
    for reader in readers {
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/conversations?limit=100{cursor}");
            let request = Request::get(&path, &reader.cookie);
            let answer = connection.ask(&request).await?.expect(200)?;
            let list: List = serde_json::from_str(answer.body)?;
            sides.extend(list.items.into_iter().map(|item| Side {
                reader: reader.clone(),
                with: item.with.username,
                last_seq: item.last_seq,
            }));
            let Some(next) = list.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
    }
    sides.retain(|side| side.last_seq >= 50);
    Ok(sides)
}
