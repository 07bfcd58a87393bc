//! How rows are read into the domain's types: single ones by the place of a column, those of a
//! list as JSON.

use std::borrow::Cow;

use domain::conversations::Seq;
use domain::messages::{ClientId, Message, MessageBody, MessageId};
use domain::users::{DisplayName, User, UserId, Username};
use domain::{Timestamp, TimestampError};
use sea_orm::{QueryResult, TryGetable};
use serde::Deserialize;
use uuid::Uuid;

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

/// A user `u` as JSON: a [`UserRow`].
macro_rules! user_json {
    ($db:tt) => {
        $crate::json::json_array!(
            $db,
            $crate::json::json_id!($db, "u.id"),
            "u.username",
            "u.display_name",
            "u.last_seen_at",
            "u.present_at",
            "u.receipts_off_at"
        )
    };
}

/// A message `m` as JSON: a [`MessageRow`].
macro_rules! message_json {
    ($db:tt) => {
        $crate::json::json_array!(
            $db,
            $crate::json::json_id!($db, "m.id"),
            $crate::json::json_id!($db, "m.client_id"),
            "m.seq",
            $crate::json::json_id!($db, "m.sender_id"),
            "m.body",
            "m.sent_at"
        )
    };
}

pub(crate) use {message_columns, message_json, user_columns, user_json};

/// How many columns a user and a message have.
pub(crate) const USER: usize = 6;
pub(crate) const MESSAGE: usize = 6;

/// A user: id, username, display name, when last seen, when known to be here, since when they show
/// nobody what they read.
#[derive(Deserialize)]
pub(crate) struct UserRow<'a>(
    Uuid,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

/// A message: id, client's id, number, sender, text, when sent.
#[derive(Deserialize)]
pub(crate) struct MessageRow<'a>(Uuid, Uuid, i64, Uuid, #[serde(borrow)] Cow<'a, str>, i64);

impl TryFrom<UserRow<'_>> for User {
    type Error = Failure;

    fn try_from(row: UserRow<'_>) -> Result<Self, Failure> {
        let UserRow(id, name, display, seen, present, receipts_off) = row;
        Ok(Self {
            id: UserId(id),
            username: username(&name)?,
            display_name: display_name(&display)?,
            last_seen_at: seen.map(time).transpose()?,
            present_at: present.map(time).transpose()?,
            read_receipts: receipts_off.is_none(),
        })
    }
}

impl TryFrom<MessageRow<'_>> for Message {
    type Error = Failure;

    fn try_from(row: MessageRow<'_>) -> Result<Self, Failure> {
        let MessageRow(id, client_id, number, sender, text, sent_at) = row;
        Ok(Self {
            id: MessageId(id),
            client_id: ClientId(client_id),
            seq: seq(number)?,
            sender: UserId(sender),
            body: body(&text)?,
            sent_at: time(sent_at)?,
        })
    }
}

pub(crate) fn user(row: &QueryResult, at: usize) -> Result<User, Failure> {
    let row = UserRow(
        column(row, at)?,
        Cow::Owned(column(row, at + 1)?),
        Cow::Owned(column(row, at + 2)?),
        column(row, at + 3)?,
        column(row, at + 4)?,
        column(row, at + 5)?,
    );
    row.try_into()
}

/// A message from columns that may all be null, when it was joined.
pub(crate) fn message(row: &QueryResult, at: usize) -> Result<Option<Message>, Failure> {
    let Some(id) = column(row, at)? else {
        return Ok(None);
    };
    let row = MessageRow(
        id,
        column(row, at + 1)?,
        column(row, at + 2)?,
        column(row, at + 3)?,
        Cow::Owned(column(row, at + 4)?),
        column(row, at + 5)?,
    );
    row.try_into().map(Some)
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
