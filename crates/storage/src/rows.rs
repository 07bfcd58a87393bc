//! How joined rows are read: by the place of a column, into the domain's types.

use domain::conversations::{ConversationId, Seq};
use domain::messages::{ClientId, Message, MessageBody, MessageId};
use domain::users::{DisplayName, User, UserId, Username};
use domain::{Timestamp, TimestampError};
use sea_orm::{QueryResult, TryGetable};
use uuid::Uuid;

use crate::failure::Failure;

/// The columns of a user `u`, as [`user`] reads them.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.display_name, u.last_seen_at"
    };
}

/// The columns of a message `m`, as [`message`] reads them.
macro_rules! message_columns {
    () => {
        "m.id, m.client_id, m.seq, m.sender_id, m.body, m.sent_at"
    };
}

pub(crate) use {message_columns, user_columns};

/// How many columns a user, the positions of a conversation and a message have.
pub(crate) const USER: usize = 4;
pub(crate) const POSITIONS: usize = 4;
pub(crate) const MESSAGE: usize = 6;

pub(crate) fn user(row: &QueryResult, at: usize) -> Result<User, Failure> {
    Ok(User {
        id: UserId(column(row, at)?),
        username: username(&column::<String>(row, at + 1)?)?,
        display_name: display_name(&column::<String>(row, at + 2)?)?,
        last_seen_at: column::<Option<i64>>(row, at + 3)?.map(time).transpose()?,
    })
}

/// A message from columns that may all be null, when it was joined.
pub(crate) fn message(row: &QueryResult, at: usize) -> Result<Option<Message>, Failure> {
    let Some(id) = column::<Option<Uuid>>(row, at)? else {
        return Ok(None);
    };
    Ok(Some(Message {
        id: MessageId(id),
        client_id: ClientId(column(row, at + 1)?),
        seq: seq(column(row, at + 2)?)?,
        sender: UserId(column(row, at + 3)?),
        body: body(&column::<String>(row, at + 4)?)?,
        sent_at: time(column(row, at + 5)?)?,
    }))
}

/// A conversation's id and its positions: last, the viewer's, the other's. `None` before its
/// first message.
pub(crate) fn positions(
    row: &QueryResult,
    at: usize,
) -> Result<Option<(ConversationId, [Seq; 3])>, Failure> {
    let Some(id) = column::<Option<Uuid>>(row, at)? else {
        return Ok(None);
    };
    let last_seq: i64 = column(row, at + 1)?;
    if last_seq == 0 {
        return Ok(None);
    }
    let positions = [
        seq(last_seq)?,
        seq(column(row, at + 2)?)?,
        seq(column(row, at + 3)?)?,
    ];
    Ok(Some((ConversationId(id), positions)))
}

pub(crate) fn column<T: TryGetable>(row: &QueryResult, at: usize) -> Result<T, Failure> {
    Ok(row.try_get_by_index(at)?)
}

pub(crate) fn username(raw: &str) -> Result<Username, Failure> {
    Username::parse(raw).map_err(Failure::row("username"))
}

pub(crate) fn display_name(raw: &str) -> Result<DisplayName, Failure> {
    DisplayName::parse(raw).map_err(Failure::row("display name"))
}

pub(crate) fn body(raw: &str) -> Result<MessageBody, Failure> {
    MessageBody::parse(raw).map_err(Failure::row("message body"))
}

pub(crate) fn seq(raw: i64) -> Result<Seq, Failure> {
    Seq::new(raw).map_err(Failure::row("position"))
}

pub(crate) fn time(millis: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_unix_millis(millis).map_err(Failure::row::<TimestampError>("time"))
}
