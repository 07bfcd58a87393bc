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

impl Side {
    /// Whether it has a whole page of messages.
    pub(super) fn is_long(&self) -> bool {
        self.last_seq >= 50
    }
}

/// All conversations of these people that have a whole page of messages; of each, those that
/// were active last come first.
pub(super) async fn long_sides(
    connection: &mut Connection,
    readers: &[Person],
) -> anyhow::Result<Vec<Side>> {
    let mut long = Vec::new();
    for reader in readers {
        let sides = sides(connection, reader).await?;
        long.extend(sides.into_iter().filter(Side::is_long));
    }
    Ok(long)
}

/// All conversations of this person, those first that were active last.
pub(super) async fn sides(
    connection: &mut Connection,
    reader: &Person,
) -> anyhow::Result<Vec<Side>> {
    let mut sides = Vec::new();
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
        let Some(next) = list.next_cursor else {
            return Ok(sides);
        };
        cursor = format!("&cursor={next}");
    }
}
