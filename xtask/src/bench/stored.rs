use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, ensure};
use serde::Deserialize;
use uuid::Uuid;

use super::http::{Connection, Request, encoded};
use super::people::{Person, in_lanes};

/// What every made-up text begins with, so that it is known again.
const GREETING: &str = "Lunch at noon? ";

/// The text of the message with this client id.
pub(super) fn text_of(client_id: Uuid) -> String {
    format!("{GREETING}{client_id}")
}

/// A message whose sender was told that it is stored.
#[derive(Clone, Debug)]
pub(super) struct Acknowledged {
    pub(super) client_id: Uuid,
    pub(super) from: Person,
    pub(super) to: Person,
}

/// A message as the API tells it.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) client_id: Uuid,
    seq: i64,
    sender: String,
    pub(super) body: String,
}

#[derive(Deserialize)]
struct Piece {
    messages: Vec<Message>,
    has_older: bool,
}

/// Reads every conversation back through the API.
///
/// # Errors
/// When an acknowledged message is not stored, or not once, or not as it was sent, or one that
/// nobody acknowledged is.
pub(super) async fn exactly_once(address: &str, all: Vec<Acknowledged>) -> anyhow::Result<()> {
    let mut of_pairs: HashMap<(Arc<str>, Arc<str>), Vec<Acknowledged>> = HashMap::new();
    for one in all {
        let (a, b) = (one.from.username.clone(), one.to.username.clone());
        let pair = if a < b { (a, b) } else { (b, a) };
        of_pairs.entry(pair).or_default().push(one);
    }
    let address: Arc<str> = address.into();
    let pairs = of_pairs.into_values().collect();
    let _read: Vec<()> = in_lanes(pairs, move |pairs| {
        let address = Arc::clone(&address);
        async move {
            let mut connection = Connection::open(&address).await?;
            for sent in pairs {
                let stored = read_back(&mut connection, &sent[0]).await?;
                compare(&sent, &stored)?;
            }
            Ok(Vec::new())
        }
    })
    .await?;
    Ok(())
}

/// What this run sent in the conversation of `one`, the newest first: as far back as the pieces
/// have any of it.
async fn read_back(
    connection: &mut Connection,
    one: &Acknowledged,
) -> anyhow::Result<Vec<Message>> {
    let path = format!(
        "/api/v1/conversations/{}/messages?limit=200",
        encoded(&one.to.username)
    );
    let mut stored = Vec::new();
    let mut before = String::new();
    loop {
        let request = Request::get(&(path.clone() + &before), &one.from.cookie);
        let answer = connection.ask(&request).await?.expect(200)?;
        let piece: Piece = serde_json::from_str(answer.body).context("not a piece of history")?;
        let gapless = piece
            .messages
            .windows(2)
            .all(|two| two[0].seq + 1 == two[1].seq);
        ensure!(gapless, "the numbers of a conversation have a gap");
        let oldest = piece.messages.first().map_or(1, |message| message.seq);
        let length = stored.len();
        let ours = piece.messages.into_iter().rev();
        stored.extend(ours.filter(|message| message.body.starts_with(GREETING)));
        if !piece.has_older || stored.len() == length {
            return Ok(stored);
        }
        before = format!("&before={oldest}");
    }
}

fn compare(sent: &[Acknowledged], stored: &[Message]) -> anyhow::Result<()> {
    let mut missing: HashMap<Uuid, &Acknowledged> =
        sent.iter().map(|one| (one.client_id, one)).collect();
    for message in stored {
        let Some(one) = missing.remove(&message.client_id) else {
            anyhow::bail!("stored twice, or never acknowledged: {}", message.client_id);
        };
        ensure!(
            message.sender == *one.from.username && message.body == text_of(one.client_id),
            "not stored as it was sent: {}",
            message.client_id
        );
    }
    ensure!(
        missing.is_empty(),
        "{} acknowledged messages are not stored",
        missing.len()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        Person {
            username: name.into(),
            cookie: "".into(),
        }
    }

    fn sent(number: u128) -> Acknowledged {
        Acknowledged {
            client_id: Uuid::from_u128(number),
            from: person("ann"),
            to: person("bob"),
        }
    }

    fn stored(number: u128, sender: &str) -> Message {
        let client_id = Uuid::from_u128(number);
        Message {
            client_id,
            seq: 1,
            sender: sender.to_owned(),
            body: text_of(client_id),
        }
    }

    #[test]
    fn what_was_sent_is_stored_once_and_unchanged() {
        let two = [sent(1), sent(2)];
        assert!(compare(&two, &[stored(2, "ann"), stored(1, "ann")]).is_ok());
        for wrong in [
            vec![stored(1, "ann")],
            vec![stored(1, "ann"), stored(2, "ann"), stored(1, "ann")],
            vec![stored(1, "ann"), stored(2, "ann"), stored(3, "ann")],
            vec![stored(1, "ann"), stored(2, "bob")],
        ] {
            assert!(compare(&two, &wrong).is_err());
        }
        let mut changed = stored(2, "ann");
        changed.body.push('!');
        assert!(compare(&two, &[stored(1, "ann"), changed]).is_err());
    }
}
