//! The messages of all conversations of a user since a time, for a client that was away.

use crate::database::{Database, Sql};
use crate::failure::Failure;
use crate::rows::{self, Row, message_columns, user_columns};
use domain::Timestamp;
use domain::messages::Message;
use domain::users::{User, UserId};

/// From the conversations of `$1` that were active since `$2` to the last `$3` messages of each,
/// and of those the ones sent since. A conversation's activity is the time of its latest message,
/// so each that is looked at has one.
macro_rules! list {
    ($joins:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            message_columns!(),
            " FROM ",
            $joins,
            " WHERE u.disabled_at IS NULL
            ORDER BY c.id, m.seq
            LIMIT $3 + 0"
        )
    };
}

/// Left to itself, `SQLite` would walk all conversations of the user, since those come in order.
const SQLITE: &str = list!(
    "members v INDEXED BY members_inbox
    JOIN conversations c ON c.id = v.conversation_id
        AND v.user_id = $1 AND v.active_at >= $2
    JOIN users u
        ON u.id = CASE WHEN c.low_user_id = v.user_id THEN c.high_user_id ELSE c.low_user_id END
    JOIN messages m
        ON m.conversation_id = c.id AND m.seq > c.last_seq - $3 AND m.sent_at >= $2"
);

/// `OFFSET 0` keeps the planner from joining in another order, as in the inbox.
const POSTGRES: &str = list!(
    "(SELECT * FROM members v WHERE v.user_id = $1 AND v.active_at >= $2 OFFSET 0) v
    CROSS JOIN LATERAL (
        SELECT * FROM conversations c WHERE c.id = v.conversation_id OFFSET 0) c
    CROSS JOIN LATERAL (
        SELECT * FROM users u WHERE u.id = CASE
            WHEN c.low_user_id = v.user_id THEN c.high_user_id ELSE c.low_user_id END OFFSET 0) u
    CROSS JOIN LATERAL (
        SELECT * FROM messages m
        WHERE m.conversation_id = c.id AND m.seq > c.last_seq - $3 AND m.sent_at >= $2
        OFFSET 0) m"
);

pub(crate) const LIST: Sql = Sql {
    sqlite: SQLITE,
    postgres: POSTGRES,
};

pub(super) async fn list_since(
    db: &Database,
    user: UserId,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<(User, Message)>, Failure> {
    let values = [
        user.0.into(),
        since.unix_millis().into(),
        i64::from(limit).into(),
    ];
    db.all(db.words(LIST), values, missed).await
}

fn missed(row: &Row<'_>) -> Result<(User, Message), Failure> {
    let at = rows::USER;
    let message = rows::message(row, at)?.ok_or_else(|| Failure::Row {
        what: "missed message",
        why: "it has no id".to_owned(),
    })?;
    Ok((rows::user(row, 0)?, message))
}
