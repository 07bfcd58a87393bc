//! Appending on `SQLite`: a few statements for however many messages wait.
//!
//! In a transaction that has the write lock nothing changes between reading and writing. So one
//! query finds what is there, the numbers are given here, and one string of statements stores it
//! all, each over a JSON array with an entry a row.

use std::collections::HashMap;

use domain::conversations::{ConversationId, Pair};
use domain::messages::{Appended, ClientId, Message, NewMessage};
use domain::users::UserId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::failure::Failure;
use crate::json::{hex, json};
use crate::rows::{self, Row, message_columns};

/// For each message, by its place: its conversation, and what its client id was used for before.
pub(crate) const FIND: &str = concat!(
    "SELECT n.key, c.id, c.last_seq, m.conversation_id, ",
    message_columns!(),
    "
    FROM json_each($1) n
    LEFT JOIN conversations c
        ON c.low_user_id = unhex(n.value ->> 0) AND c.high_user_id = unhex(n.value ->> 1)
    LEFT JOIN messages m
        ON m.client_id = unhex(n.value ->> 2) AND m.sender_id = unhex(n.value ->> 3)"
);

pub(crate) const STORE: &str =
    "INSERT INTO conversations (id, low_user_id, high_user_id, last_seq, created_at)
        SELECT unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), 0, value ->> 3
        FROM json_each($1);
    INSERT INTO members (user_id, conversation_id, read_seq, active_at)
        SELECT unhex(p.value), unhex(c.value ->> 0), 0, c.value ->> 3
        FROM json_each($1) c, json_each(json_array(c.value ->> 1, c.value ->> 2)) p;
    INSERT INTO messages (conversation_id, seq, id, client_id, sender_id, body, sent_at)
        SELECT unhex(value ->> 0), value ->> 1, unhex(value ->> 2), unhex(value ->> 3),
            unhex(value ->> 4), value ->> 5, value ->> 6
        FROM json_each($2);
    UPDATE conversations SET last_seq = n.value ->> 1
        FROM json_each($3) n
        WHERE conversations.id = unhex(n.value ->> 0);
    UPDATE members SET
            active_at = max(active_at, n.value ->> 2), read_seq = max(read_seq, n.value ->> 3)
        FROM json_each($4) n
        WHERE user_id = unhex(n.value ->> 0) AND conversation_id = unhex(n.value ->> 1)";

/// Stores these messages as if one after the other; all or none. The transaction must have the
/// write lock.
pub(crate) async fn append_all(
    tx: &DatabaseTransaction,
    messages: &[NewMessage],
) -> Result<Vec<Appended>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = messages
        .iter()
        .map(|new| {
            let pair = (hex(new.pair.low().0), hex(new.pair.high().0));
            (pair.0, pair.1, hex(new.client_id.0), hex(new.sender.0))
        })
        .collect();
    let found = tx.query_all_raw(statement(FIND, [json(&keys)?])).await?;
    let mut batch = Batch::default();
    for row in &found {
        batch.find(&Row::Driver(row), messages)?;
    }
    let outcomes = messages
        .iter()
        .map(|new| batch.append(new))
        .collect::<Result<Vec<_>, Failure>>()?;
    if !batch.stored.is_empty() {
        tx.execute_raw(statement(STORE, batch.rows()?)).await?;
    }
    Ok(outcomes)
}

/// What is there, and what is to be stored.
#[derive(Default)]
struct Batch {
    conversations: HashMap<Pair, Talk>,
    /// What a sender's client id was used for: in which conversation, for which message.
    used: HashMap<(ClientId, UserId), (ConversationId, Message)>,
    stored: Vec<(ConversationId, Message)>,
}

/// A conversation of the batch.
struct Talk {
    id: ConversationId,
    last_seq: i64,
    is_new: bool,
    /// The latest time of a message of the batch.
    active_at: i64,
    /// The last number that the lower and the higher member sent in the batch; 0 for none.
    sent: [i64; 2],
}

impl Batch {
    fn find(&mut self, row: &Row<'_>, messages: &[NewMessage]) -> Result<(), Failure> {
        let place: i64 = row.get(0)?;
        let new = usize::try_from(place).ok().and_then(|at| messages.get(at));
        let new = new.ok_or_else(|| Failure::Row {
            what: "place in a batch",
            why: place.to_string(),
        })?;
        if let Some(id) = row.get::<Option<Uuid>>(1)? {
            let talk = Talk::new(ConversationId(id), row.get(2)?, false);
            self.conversations.entry(new.pair).or_insert(talk);
        }
        if let Some(message) = rows::message(row, 4)? {
            let conversation = ConversationId(row.get(3)?);
            self.used
                .insert((new.client_id, new.sender), (conversation, message));
        }
        Ok(())
    }

    fn append(&mut self, new: &NewMessage) -> Result<Appended, Failure> {
        let talk = self.conversations.get(&new.pair).map(|talk| talk.id);
        if let Some((conversation, prior)) = self.used.get(&(new.client_id, new.sender)) {
            let is_same = talk == Some(*conversation) && prior.body == new.body;
            return Ok(if is_same {
                Appended::Retry(prior.clone())
            } else {
                Appended::Conflict
            });
        }
        let talk = self
            .conversations
            .entry(new.pair)
            .or_insert_with(|| Talk::new(new.conversation, 0, true));
        let message = talk.take(new)?;
        let stored = (talk.id, message.clone());
        self.used
            .insert((new.client_id, new.sender), stored.clone());
        self.stored.push(stored);
        Ok(Appended::New(message))
    }

    /// The rows for the parameters of [`STORE`].
    fn rows(&self) -> Result<[Value; 4], Failure> {
        let touched = || {
            self.conversations
                .iter()
                .filter(|(_, talk)| talk.sent != [0, 0])
        };
        let made: Vec<_> = touched()
            .filter(|(_, talk)| talk.is_new)
            .map(|(pair, talk)| {
                let members = (hex(pair.low().0), hex(pair.high().0));
                (hex(talk.id.0), members.0, members.1, talk.active_at)
            })
            .collect();
        let messages: Vec<_> = self
            .stored
            .iter()
            .map(|(conversation, message)| {
                (
                    hex(conversation.0),
                    message.seq.get(),
                    hex(message.id.0),
                    hex(message.client_id.0),
                    hex(message.sender.0),
                    message.body.as_str(),
                    message.sent_at.unix_millis(),
                )
            })
            .collect();
        let numbered: Vec<_> = touched()
            .map(|(_, talk)| (hex(talk.id.0), talk.last_seq))
            .collect();
        let moved: Vec<_> = touched()
            .flat_map(|(pair, talk)| {
                let member =
                    |user: UserId, sent: i64| (hex(user.0), hex(talk.id.0), talk.active_at, sent);
                [
                    member(pair.low(), talk.sent[0]),
                    member(pair.high(), talk.sent[1]),
                ]
            })
            .collect();
        Ok([
            json(&made)?,
            json(&messages)?,
            json(&numbered)?,
            json(&moved)?,
        ])
    }
}

impl Talk {
    fn new(id: ConversationId, last_seq: i64, is_new: bool) -> Self {
        Self {
            id,
            last_seq,
            is_new,
            active_at: 0,
            sent: [0, 0],
        }
    }

    /// Gives the message the next number.
    fn take(&mut self, new: &NewMessage) -> Result<Message, Failure> {
        self.last_seq += 1;
        self.active_at = self.active_at.max(new.sent_at.unix_millis());
        let sender = usize::from(new.sender != new.pair.low());
        self.sent[sender] = self.last_seq;
        super::stored(new, self.last_seq)
    }
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::messages::{MessageBody, MessageId};
    use migrations::Migrator;
    use migrations::sea_orm_migration::MigratorTrait;
    use sea_orm::TransactionTrait;

    use super::*;

    fn message(client_id: u128, body: &str) -> NewMessage {
        let (sender, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        NewMessage {
            id: MessageId(Uuid::from_u128(client_id)),
            client_id: ClientId(Uuid::from_u128(client_id)),
            conversation: ConversationId(Uuid::from_u128(client_id)),
            pair: Pair::new(sender, other).unwrap(),
            sender,
            body: MessageBody::parse(body).unwrap(),
            sent_at: Timestamp::EPOCH,
        }
    }

    #[tokio::test]
    async fn a_client_id_may_come_several_times_in_one_batch() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("chat.db").display());
        let db = migrations::connect(&url).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        for n in [1, 2] {
            let id = hex(Uuid::from_u128(n));
            let sql = format!(
                "INSERT INTO users VALUES (x'{id}', {n}, {n}, {n}, {n}, '', 0, NULL, NULL, NULL, NULL, NULL)"
            );
            db.execute_unprepared(&sql).await.unwrap();
        }
        let tx = db.begin().await.unwrap();
        let batch = [
            message(7, "once"),
            message(8, "another"),
            message(7, "once"),
            message(7, "something else"),
        ];
        let outcomes = append_all(&tx, &batch).await.unwrap();
        let first = super::super::stored(&batch[0], 1).unwrap();
        let second = super::super::stored(&batch[1], 2).unwrap();
        assert_eq!(
            outcomes,
            [
                Appended::New(first.clone()),
                Appended::New(second),
                Appended::Retry(first),
                Appended::Conflict,
            ]
        );
    }
}
