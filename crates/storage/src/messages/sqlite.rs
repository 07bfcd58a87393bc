//! Appending on `SQLite`, in a transaction that has the write lock: nothing changes between reading
//! and writing, so the numbers are given here.

use domain::conversations::{Conversation, ConversationId, Pair, Positions};
use domain::messages::{Appended, Message, NewMessage, Surroundings};
use domain::users::{User, UserId};
use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use super::history::BETWEEN;
use super::stored;
use crate::failure::Failure;
use crate::rows::{self, Row, message_columns};
use crate::sqlite::{bind, query};
use crate::users;

pub(crate) const CONVERSATION: &str =
    "SELECT id, last_seq FROM conversations WHERE low_user_id = ?1 AND high_user_id = ?2";

pub(crate) const NEW_CONVERSATION: &str =
    "INSERT INTO conversations (id, low_user_id, high_user_id, last_seq, created_at)
    VALUES (?1, ?2, ?3, 0, ?4)";

pub(crate) const NEW_MEMBERS: &str =
    "INSERT INTO members (user_id, conversation_id, read_seq, active_at)
    VALUES (?2, ?1, 0, ?4), (?3, ?1, 0, ?4)";

pub(crate) const NEW_MESSAGE: &str =
    "INSERT INTO messages (conversation_id, seq, id, client_id, sender_id, body, sent_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (client_id, sender_id) DO NOTHING";

pub(crate) const NUMBER: &str = "UPDATE conversations SET last_seq = ?2 WHERE id = ?1";

/// A member who sent it has read what was there. Gives how far they are.
pub(crate) const MOVE: &str = "UPDATE members SET active_at = max(active_at, ?3),
        read_seq = CASE WHEN ?4 THEN ?5 ELSE read_seq END
    WHERE user_id = ?1 AND conversation_id = ?2 RETURNING delivered_seq, read_seq";

pub(crate) const PRIOR: &str = concat!(
    "SELECT m.conversation_id, ",
    message_columns!(),
    " FROM messages m WHERE m.client_id = ?1 AND m.sender_id = ?2"
);

/// Stores a message, or finds what its client id was used for. After an error the transaction holds
/// a part of it.
pub(crate) fn append(connection: &Connection, new: &NewMessage) -> Result<Appended, Failure> {
    let Some(to) = recipient(connection, new)? else {
        return Ok(Appended::NoSuchUser);
    };
    let Ok(pair) = Pair::new(new.sender, to.id) else {
        return Ok(Appended::NoSuchUser);
    };
    let (low, high) = (pair.low().0, pair.high().0);
    let found = connection
        .prepare_cached(CONVERSATION)?
        .query_row([low, high], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((conversation, last_seq)) = found else {
        if prior(connection, new)?.is_some() {
            return Ok(Appended::Conflict);
        }
        let first = params![new.conversation.0, low, high, new.sent_at.unix_millis()];
        connection
            .prepare_cached(NEW_CONVERSATION)?
            .execute(first)?;
        connection.prepare_cached(NEW_MEMBERS)?.execute(first)?;
        return append_to(connection, new.conversation.0, 0, new, to);
    };
    append_to(connection, conversation, last_seq, new, to)
}

fn append_to(
    connection: &Connection,
    conversation: Uuid,
    last_seq: i64,
    new: &NewMessage,
    to: User,
) -> Result<Appended, Failure> {
    let message = stored(new, last_seq + 1)?;
    let (seq, sent_at) = (message.seq.get(), message.sent_at.unix_millis());
    let added = connection.prepare_cached(NEW_MESSAGE)?.execute(params![
        conversation,
        seq,
        message.id.0,
        message.client_id.0,
        message.sender.0,
        message.body.as_str(),
        sent_at,
    ])?;
    if added == 0 {
        return match prior(connection, new)? {
            Some((of, prior)) if of == conversation && prior.body == new.body => {
                Ok(Appended::Retry(prior, to))
            }
            Some(_) | None => Ok(Appended::Conflict),
        };
    }
    connection
        .prepare_cached(NUMBER)?
        .execute(params![conversation, seq])?;
    let mut moving = connection.prepare_cached(MOVE)?;
    let mut moved = |member: UserId| {
        let sent = member == new.sender;
        let values = params![member.0, conversation, sent_at, sent, seq];
        let (delivered, read) = moving.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok::<_, Failure>(Positions::new(rows::seq(delivered)?, rows::seq(read)?))
    };
    let (mine, peers) = (moved(new.sender)?, moved(to.id)?);
    let surroundings = Surroundings {
        conversation: Conversation {
            id: Some(ConversationId(conversation)),
            last_seq: message.seq,
            mine,
            peers,
            ..Conversation::empty(to)
        },
        previous: previous(connection, conversation, last_seq)?,
    };
    Ok(Appended::New(message, Box::new(surroundings)))
}

/// The message of this number. One that cannot be understood is as good as none: it must not keep
/// others from being sent.
fn previous(
    connection: &Connection,
    conversation: Uuid,
    seq: i64,
) -> Result<Option<Message>, Failure> {
    let range = [conversation.into(), (seq - 1).into(), seq.into()];
    let understood = |row: &Row<'_>| Ok(rows::message(row, 0).unwrap_or_default());
    Ok(query(connection, BETWEEN, &range, understood)?
        .pop()
        .flatten())
}

fn recipient(connection: &Connection, new: &NewMessage) -> Result<Option<User>, Failure> {
    let (find, key) = users::find(&new.to);
    let mut statement = connection.prepare_cached(find)?;
    bind(&mut statement, &[key])?;
    let mut rows = statement.raw_query();
    let found = rows.next()?;
    found
        .map(|row| rows::user(&Row::Sqlite(row), 0))
        .transpose()
}

/// What the sender's client id was used for before, and in which conversation.
fn prior(connection: &Connection, new: &NewMessage) -> Result<Option<(Uuid, Message)>, Failure> {
    let mut statement = connection.prepare_cached(PRIOR)?;
    let mut rows = statement.query([new.client_id.0, new.sender.0])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let row = Row::Sqlite(row);
    let message = rows::message(&row, 1)?.ok_or_else(|| Failure::Row {
        what: "message",
        why: "it has no id".to_owned(),
    })?;
    Ok(Some((row.get(0)?, message)))
}
