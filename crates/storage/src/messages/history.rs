//! A piece of history: the conversation and its messages in one row of one statement.

use domain::HistoryLimit;
use domain::messages::{History, HistoryRange, Message};
use domain::users::{UserId, Username};

use crate::conversations::{POSITION_COLUMNS, conversation, is_peer, position_columns, with_peer};
use crate::database::{Database, Sql};
use crate::failure::Failure;
use crate::json::{self, json_list};
use crate::rows::{self, MessageRow, column, message_json, user_columns};

/// Numbers have no gap, so a page is a range of them: up to `$4`, and from after `$3` on; or,
/// where that is [`BACKWARDS`], the last `$5` of those there are.
macro_rules! in_range {
    () => {
        "m.conversation_id = c.id AND m.seq <= $4 AND m.seq > CASE
            WHEN $3 >= 0 THEN $3 WHEN c.last_seq < $4 THEN c.last_seq - $5 ELSE $4 - $5 END"
    };
}

const BACKWARDS: i64 = -1;

macro_rules! list {
    ($db:tt) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            position_columns!(),
            ", (",
            json_list!(
                message_json!($db),
                concat!("FROM messages m WHERE ", in_range!(), " ORDER BY m.seq")
            ),
            ") ",
            with_peer!(),
            " WHERE ",
            is_peer!()
        )
    };
}

pub(crate) const LIST: Sql = Sql {
    sqlite: list!(sqlite),
    postgres: list!(postgres),
};

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
    let values = [
        viewer.0.into(),
        peer.key().into(),
        after.into(),
        up_to.into(),
        limit.into(),
    ];
    let Some(row) = db.one(db.words(LIST), values).await? else {
        return Ok(None);
    };
    let messages: String = column(&row, rows::USER + POSITION_COLUMNS)?;
    let messages: Vec<MessageRow<'_>> = json::rows(&messages)?;
    Ok(Some(History {
        conversation: conversation(&row)?,
        messages: messages
            .into_iter()
            .map(Message::try_from)
            .collect::<Result<_, _>>()?,
        range,
    }))
}
