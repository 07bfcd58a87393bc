//! How rows are read into the domain's types, by the places of their columns.

use std::borrow::Cow;

use domain::conversations::Seq;
use domain::messages::{ClientId, Message, MessageBody, MessageId};
use domain::users::{DisplayName, User, UserId, Username};
use domain::{Timestamp, TimestampError};
use rusqlite::types::FromSql;
use sea_orm::{QueryResult, TryGetable};

use crate::failure::Failure;

/// The columns of a user `u`, as [`user`] reads them.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.display_name, u.last_seen_at, u.present_at, u.receipts_off_at"
    };
}

/// The columns of a message `m`, as [`message`] reads them.
macro_rules! message_columns {
    () => {
        "m.id, m.client_id, m.seq, m.sender_id, m.body, m.sent_at"
    };
}

pub(crate) use {message_columns, user_columns};

/// How many columns a user and a message have.
pub(crate) const USER: usize = 6;
pub(crate) const MESSAGE: usize = 6;

/// A row that was found, on a thread of ours or by the driver.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Driver(&'a QueryResult),
}

/// What a column may hold.
pub(crate) trait Column: FromSql + TryGetable {}
impl<T: FromSql + TryGetable> Column for T {}

impl Row<'_> {
    pub(crate) fn get<T: Column>(&self, at: usize) -> Result<T, Failure> {
        match self {
            Self::Sqlite(row) => Ok(row.get(at)?),
            Self::Driver(row) => Ok(row.try_get_by_index(at)?),
        }
    }

    /// A text that need not be kept.
    fn text(&self, at: usize) -> Result<Cow<'_, str>, Failure> {
        match self {
            Self::Sqlite(row) => {
                let text = row.get_ref(at)?.as_str();
                Ok(Cow::Borrowed(text.map_err(Failure::row("text"))?))
            }
            Self::Driver(row) => Ok(Cow::Owned(row.try_get_by_index(at)?)),
        }
    }
}

pub(crate) fn user(row: &Row<'_>, at: usize) -> Result<User, Failure> {
    Ok(User {
        id: UserId(row.get(at)?),
        username: username(&row.text(at + 1)?)?,
        display_name: display_name(&row.text(at + 2)?)?,
        last_seen_at: row.get::<Option<_>>(at + 3)?.map(time).transpose()?,
        present_at: row.get::<Option<_>>(at + 4)?.map(time).transpose()?,
        read_receipts: row.get::<Option<i64>>(at + 5)?.is_none(),
    })
}

/// A message from columns that may all be null, when it was joined.
pub(crate) fn message(row: &Row<'_>, at: usize) -> Result<Option<Message>, Failure> {
    let Some(id) = row.get(at)? else {
        return Ok(None);
    };
    Ok(Some(Message {
        id: MessageId(id),
        client_id: ClientId(row.get(at + 1)?),
        seq: seq(row.get(at + 2)?)?,
        sender: UserId(row.get(at + 3)?),
        body: body(&row.text(at + 4)?)?,
        sent_at: time(row.get(at + 5)?)?,
    }))
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
