//! A piece of history: the conversation and its messages in one row of one statement.
//!
//! The messages come as one JSON text. A row for each would cost a hand-over from the database's
//! thread and a copy of every column; this is about half the time.

use std::borrow::Cow;

use domain::HistoryLimit;
use domain::messages::{ClientId, History, HistoryRange, Message, MessageId};
use domain::users::{UserId, Username};
use sea_orm::DbBackend;
use serde::Deserialize;
use uuid::Uuid;

use crate::conversations::{conversation, is_peer, position_columns, with_peer};
use crate::database::Database;
use crate::failure::Failure;
use crate::rows::{self, column, user_columns};

/// Numbers have no gap, so a page is a range of them: up to `$4`, and from after `$3` on; or,
/// where that is [`BACKWARDS`], the last `$5` of those there are.
macro_rules! in_range {
    () => {
        "m.conversation_id = c.id AND m.seq <= $4 AND m.seq > CASE
            WHEN $3 >= 0 THEN $3 WHEN c.last_seq < $4 THEN c.last_seq - $5 ELSE $4 - $5 END"
    };
}

const BACKWARDS: i64 = -1;

pub(crate) const SQLITE: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    position_columns!(),
    ", (SELECT json_group_array(json_array(
            hex(m.id), hex(m.client_id), m.seq, hex(m.sender_id), m.body, m.sent_at))
        FROM (SELECT * FROM messages m WHERE ",
    in_range!(),
    " ORDER BY m.seq) m) ",
    with_peer!(),
    " WHERE ",
    is_peer!()
);

pub(crate) const POSTGRES: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    position_columns!(),
    ", (SELECT coalesce(json_agg(json_build_array(
            m.id, m.client_id, m.seq, m.sender_id, m.body, m.sent_at) ORDER BY m.seq), '[]')::text
        FROM messages m WHERE ",
    in_range!(),
    ") ",
    with_peer!(),
    " WHERE ",
    is_peer!()
);

pub(super) async fn list_with(
    db: &Database,
    viewer: UserId,
    peer: &Username,
    range: HistoryRange,
    limit: HistoryLimit,
) -> Result<Option<History>, Failure> {
    let limit = i64::from(limit.get());
    let (after, up_to) = match range {
        HistoryRange::Newest => (BACKWARDS, i64::MAX),
        HistoryRange::Before(seq) => (BACKWARDS, seq.get().saturating_sub(1)),
        HistoryRange::After(seq) => (seq.get(), seq.get().saturating_add(limit)),
    };
    let sql = match db.backend() {
        DbBackend::Sqlite => SQLITE,
        _ => POSTGRES,
    };
    let values = [
        viewer.0.into(),
        peer.key().into(),
        after.into(),
        up_to.into(),
        limit.into(),
    ];
    let Some(row) = db.one(sql, values).await? else {
        return Ok(None);
    };
    let json: String = column(&row, rows::USER + rows::POSITIONS)?;
    let messages: Vec<MessageRow<'_>> =
        serde_json::from_str(&json).map_err(Failure::row("page of messages"))?;
    Ok(Some(History {
        conversation: conversation(&row)?,
        messages: messages
            .into_iter()
            .map(Message::try_from)
            .collect::<Result<_, _>>()?,
        range,
    }))
}

/// A message as the statements write it: identifiers in hexadecimal, with hyphens or without.
#[derive(Deserialize)]
struct MessageRow<'a>(
    &'a str,
    &'a str,
    i64,
    &'a str,
    #[serde(borrow)] Cow<'a, str>,
    i64,
);

impl TryFrom<MessageRow<'_>> for Message {
    type Error = Failure;

    fn try_from(row: MessageRow<'_>) -> Result<Self, Failure> {
        let MessageRow(id, client_id, seq, sender, body, sent_at) = row;
        Ok(Self {
            id: MessageId(uuid(id)?),
            client_id: ClientId(uuid(client_id)?),
            seq: rows::seq(seq)?,
            sender: UserId(uuid(sender)?),
            body: rows::body(&body)?,
            sent_at: rows::time(sent_at)?,
        })
    }
}

fn uuid(raw: &str) -> Result<Uuid, Failure> {
    Uuid::try_parse(raw).map_err(Failure::row("identifier"))
}
