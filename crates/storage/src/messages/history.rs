//! A piece of history: the conversation and its messages by one statement.

use domain::HistoryLimit;
use domain::messages::{History, HistoryRange};
use domain::users::{UserId, Username};

use crate::conversations::{POSITION_COLUMNS, conversation, is_peer, position_columns, with_peer};
use crate::database::Database;
use crate::failure::Failure;
use crate::rows::{self, message_columns, user_columns};

/// Numbers have no gap, so a page is a range of them: up to `$4`, and from after `$3` on; or,
/// where that is [`BACKWARDS`], the last `$5` of those there are.
macro_rules! in_range {
    () => {
        "m.conversation_id = c.id AND m.seq <= $4 AND m.seq > CASE
            WHEN $3 >= 0 THEN $3 WHEN c.last_seq < $4 THEN c.last_seq - $5 ELSE $4 - $5 END"
    };
}

const BACKWARDS: i64 = -1;

/// The conversation beside each of the messages, or beside none when there is none.
pub(crate) const LIST: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    position_columns!(),
    ", ",
    message_columns!(),
    " ",
    with_peer!(),
    " LEFT JOIN messages m ON ",
    in_range!(),
    " WHERE ",
    is_peer!(),
    " ORDER BY m.seq"
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
    let values = [
        viewer.0.into(),
        peer.key().into(),
        after.into(),
        up_to.into(),
        limit.into(),
    ];
    let mut is_first = true;
    let found = db.all(LIST, values, move |row| {
        let of_first = is_first.then(|| conversation(row)).transpose()?;
        is_first = false;
        let message = rows::message(row, rows::USER + POSITION_COLUMNS)?;
        Ok((of_first, message))
    });
    let mut found = found.await?.into_iter().peekable();
    let conversation = found.peek_mut().and_then(|(of_first, _)| of_first.take());
    let messages = found.filter_map(|(_, message)| message).collect();
    Ok(conversation.map(|conversation| History {
        conversation,
        messages,
        range,
    }))
}
