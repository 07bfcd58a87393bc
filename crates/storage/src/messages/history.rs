//! A piece of history: the conversation and its messages.

use domain::HistoryLimit;
use domain::conversations::{Conversation, ConversationId, Seq};
use domain::messages::{History, HistoryRange, Message};
use domain::users::{UserId, Username};
use rusqlite::Connection;
use sea_orm::Value;

use crate::conversations::{
    POSITION_COLUMNS, POSITIONS, conversation, is_peer, position_columns, with_peer,
};
use crate::database::Database;
use crate::failure::Failure;
use crate::rows::{self, message_columns, user_columns};
use crate::sqlite::query;

/// For PostgreSQL, where a second statement is a second round trip: the conversation beside each of
/// the messages, or beside none when there is none.
///
/// Numbers have no gap, so a page is a range of them: up to `$4`, and from after `$3` on; or,
/// where that is [`BACKWARDS`], the last `$5` of those there are. None where the last is `$6`.
pub(crate) const WITH_CONVERSATION: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    position_columns!(),
    ", ",
    message_columns!(),
    " ",
    with_peer!(),
    " LEFT JOIN messages m ON m.conversation_id = c.id
        AND m.seq <= CASE WHEN c.last_seq = $6 THEN 0 ELSE $4 END AND m.seq > CASE
        WHEN $3 >= 0 THEN $3 WHEN c.last_seq < $4 THEN c.last_seq - $5 ELSE $4 - $5 END
    WHERE ",
    is_peer!(),
    " ORDER BY m.seq"
);

const BACKWARDS: i64 = -1;
const NONE_KNOWN: i64 = -1;

/// For `SQLite`, where a column that repeats costs more than a second statement on the same thread:
/// those of the conversation `$1` after `$2` and up to `$3`. Fifty messages took 127 µs beside their
/// conversation, and 70 µs after it (both from Python, which makes objects of all).
pub(crate) const BETWEEN: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages m WHERE m.conversation_id = $1 AND m.seq > $2 AND m.seq <= $3 ORDER BY m.seq"
);

pub(super) async fn list_with(
    db: &Database,
    viewer: UserId,
    peer: &Username,
    range: HistoryRange,
    limit: HistoryLimit,
) -> Result<Option<History>, Failure> {
    let who = [viewer.0.into(), peer.key().into()];
    let found = match db {
        Database::Sqlite { readers, .. } => {
            let read = move |db: &Connection| in_sqlite(db, &who, range, limit, None);
            readers.snapshot(read).await?
        }
        Database::Postgres(_) => in_postgres(db, who, range, limit, None).await?,
    };
    Ok(found.map(|(conversation, messages)| History {
        conversation,
        messages,
        range,
    }))
}

/// A conversation and a piece of its messages.
pub(crate) type Found = Option<(Conversation, Vec<Message>)>;

/// No messages where the last of all has the number `known`.
pub(crate) fn in_sqlite(
    db: &Connection,
    who: &[Value; 2],
    range: HistoryRange,
    limit: HistoryLimit,
    known: Option<Seq>,
) -> Result<Found, Failure> {
    let Some(conversation) = query(db, POSITIONS, who, conversation)?.pop() else {
        return Ok(None);
    };
    let messages = match conversation.id {
        Some(ConversationId(id)) if known != Some(conversation.last_seq) => {
            let (after, up_to) = numbers(range, conversation.last_seq, limit);
            let values = [id.into(), after.into(), up_to.into()];
            query(db, BETWEEN, &values, |row| rows::message(row, 0))?
        }
        Some(_) | None => Vec::new(),
    };
    let messages = messages.into_iter().flatten().collect();
    Ok(Some((conversation, messages)))
}

/// The numbers that are asked for: after the first, and up to the second.
fn numbers(range: HistoryRange, last: Seq, limit: HistoryLimit) -> (i64, i64) {
    let limit = i64::from(limit.get());
    let before = |up_to: i64| (up_to.saturating_sub(limit), up_to);
    match range {
        HistoryRange::Newest => before(last.get()),
        HistoryRange::Before(seq) => before(last.get().min(seq.get().saturating_sub(1))),
        HistoryRange::After(seq) => (seq.get(), seq.get().saturating_add(limit)),
    }
}

/// No messages where the last of all has the number `known`.
pub(crate) async fn in_postgres(
    db: &Database,
    [viewer, peer]: [Value; 2],
    range: HistoryRange,
    limit: HistoryLimit,
    known: Option<Seq>,
) -> Result<Found, Failure> {
    let limit = i64::from(limit.get());
    let (after, up_to) = match range {
        HistoryRange::Newest => (BACKWARDS, i64::MAX),
        HistoryRange::Before(seq) => (BACKWARDS, seq.get().saturating_sub(1)),
        HistoryRange::After(seq) => (seq.get(), seq.get().saturating_add(limit)),
    };
    let known = known.map_or(NONE_KNOWN, Seq::get);
    let values = [
        viewer,
        peer,
        after.into(),
        up_to.into(),
        limit.into(),
        known.into(),
    ];
    let mut is_first = true;
    let rows = db.all(WITH_CONVERSATION, values, move |row| {
        let of_first = is_first.then(|| conversation(row)).transpose()?;
        is_first = false;
        let message = rows::message(row, rows::USER + POSITION_COLUMNS)?;
        Ok((of_first, message))
    });
    let mut rows = rows.await?.into_iter().peekable();
    let conversation = rows.peek_mut().and_then(|(of_first, _)| of_first.take());
    let messages = rows.filter_map(|(_, message)| message).collect();
    Ok(conversation.map(|conversation| (conversation, messages)))
}
