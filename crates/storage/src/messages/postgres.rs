//! Appending on `PostgreSQL`: one statement, which is one round trip and one commit.

use domain::conversations::Pair;
use domain::messages::{Appended, NewMessage, Recipient, Surroundings};
use domain::users::{User, UserId};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, SqlErr, Statement,
    TransactionTrait, Value,
};
use uuid::Uuid;

use super::stored;
use crate::conversations::{POSITION_COLUMNS, conversation, position_columns};
use crate::failure::Failure;
use crate::postgres::{Connections, in_time};
use crate::rows::{self, Row, message_columns, user_columns};
use crate::users;

/// Finds whom it is for, takes the next number under the row lock of the two's conversation, stores
/// the message and moves the members. When the client id is taken, all of it is undone, the number
/// too. Gives the conversation as its sender sees it, and the message before, if that could be seen
/// as the statement began; no row when there is no such user, and no conversation when there is none.
macro_rules! append {
    ($is_peer:literal) => {
        concat!(
            "WITH peer AS (SELECT ",
            user_columns!(),
            " FROM users u WHERE ",
            $is_peer,
            " AND u.id <> $1
            ), numbered AS (
                UPDATE conversations c SET last_seq = c.last_seq + 1 FROM peer u
                WHERE c.low_user_id = least($1, u.id) AND c.high_user_id = greatest($1, u.id)
                RETURNING c.id, c.last_seq, u.id AS peer_id
            ), stored AS (
                INSERT INTO messages
                    (conversation_id, seq, id, client_id, sender_id, body, sent_at)
                SELECT id, last_seq, $3, $4, $1, $5, $6 FROM numbered
            ), moved AS (
                UPDATE members m SET
                    active_at = greatest(m.active_at, $6),
                    read_seq = CASE WHEN m.user_id = $1 THEN n.last_seq ELSE m.read_seq END
                FROM numbered n
                WHERE m.user_id = ANY (ARRAY[$1, n.peer_id]) AND m.conversation_id = n.id
                RETURNING m.user_id, m.delivered_seq, m.read_seq
            )
            SELECT ",
            user_columns!(),
            ", ",
            position_columns!(),
            ", ",
            message_columns!(),
            " FROM peer u
            LEFT JOIN numbered c ON TRUE
            LEFT JOIN moved v ON v.user_id = $1
            LEFT JOIN moved p ON p.user_id = u.id
            LEFT JOIN messages m ON m.conversation_id = c.id AND m.seq = c.last_seq - 1"
        )
    };
}

pub(crate) const APPEND: &str = append!("u.username_key = $2 AND u.disabled_at IS NULL");

pub(crate) const APPEND_KNOWN: &str = append!("u.id = $2");

/// Makes the pair's conversation with both members, unless somebody else has; then it waits until
/// theirs can be seen.
pub(crate) const CREATE: &str = "WITH made AS (
        INSERT INTO conversations (id, low_user_id, high_user_id, last_seq, created_at)
        VALUES ($3, $1, $2, 0, $4)
        ON CONFLICT (low_user_id, high_user_id) DO NOTHING
        RETURNING id
    )
    INSERT INTO members (user_id, conversation_id, read_seq, active_at)
    SELECT user_id, id, 0, $4 FROM made, (VALUES ($1), ($2)) AS pair (user_id)";

pub(crate) const PRIOR: &str = concat!(
    "SELECT ",
    message_columns!(),
    ", c.low_user_id, c.high_user_id
    FROM messages m
    JOIN conversations c ON c.id = m.conversation_id
    WHERE m.client_id = $1 AND m.sender_id = $2"
);

pub(super) async fn append(
    connections: &Connections,
    new: &NewMessage,
) -> Result<Appended, Failure> {
    match attempt(connections, new).await {
        Err(failure) if is_taken(&failure) => match prior(connections, new).await? {
            Some(appended) => Ok(appended),
            // Some other key was taken.
            None => Err(failure),
        },
        outcome => outcome,
    }
}

async fn attempt(connections: &Connections, new: &NewMessage) -> Result<Appended, Failure> {
    let (sql, values) = of_append(new);
    let rows = connections.query(sql, &values).await?;
    match appended(new, rows.first())? {
        Found::Done(appended) => Ok(appended),
        Found::NoConversation(to) => in_time(append_first(connections.pool(), new, to)).await,
    }
}

/// What [`APPEND`] came to.
enum Found {
    Done(Appended),
    NoConversation(User),
}

fn appended(new: &NewMessage, row: Option<&QueryResult>) -> Result<Found, Failure> {
    let Some(row) = row.map(Row::Driver) else {
        return Ok(Found::Done(Appended::NoSuchUser));
    };
    let conversation = conversation(&row)?;
    if conversation.id.is_none() {
        return Ok(Found::NoConversation(conversation.with));
    }
    let message = stored(new, conversation.last_seq.get())?;
    let surroundings = Surroundings {
        conversation,
        // One that cannot be understood is as good as none, as this one is stored.
        previous: rows::message(&row, rows::USER + POSITION_COLUMNS).unwrap_or_default(),
    };
    Ok(Found::Done(Appended::New(message, Box::new(surroundings))))
}

fn of_append(new: &NewMessage) -> (&'static str, [Value; 6]) {
    let sql = match new.to {
        Recipient::Named(_) => APPEND,
        Recipient::Known(_) => APPEND_KNOWN,
    };
    let (_, to) = users::find(&new.to);
    let values = [
        new.sender.0.into(),
        to,
        new.id.0.into(),
        new.client_id.0.into(),
        new.body.as_str().into(),
        new.sent_at.unix_millis().into(),
    ];
    (sql, values)
}

/// The conversation and its first message, in one commit.
async fn append_first(
    pool: &DatabaseConnection,
    new: &NewMessage,
    to: User,
) -> Result<Appended, Failure> {
    let Ok(pair) = Pair::new(new.sender, to.id) else {
        return Ok(Appended::NoSuchUser);
    };
    let tx = pool.begin().await?;
    let values: [Value; 4] = [
        pair.low().0.into(),
        pair.high().0.into(),
        new.conversation.0.into(),
        new.sent_at.unix_millis().into(),
    ];
    tx.execute_raw(statement(CREATE, values)).await?;
    let (sql, values) = of_append(new);
    let row = tx.query_one_raw(statement(sql, values)).await?;
    match appended(new, row.as_ref())? {
        // They were disabled meanwhile; dropped, it rolls back.
        Found::Done(Appended::NoSuchUser) => Ok(Appended::NoSuchUser),
        Found::Done(appended) => {
            tx.commit().await?;
            Ok(appended)
        }
        Found::NoConversation(_) => Err(Failure::Row {
            what: "conversation",
            why: "it was made and is not there".to_owned(),
        }),
    }
}

/// What the sender's client id was used for before.
async fn prior(connections: &Connections, new: &NewMessage) -> Result<Option<Appended>, Failure> {
    let (find, key) = users::find(&new.to);
    let Some(to) = connections.query(find, &[key]).await?.pop() else {
        return Ok(Some(Appended::NoSuchUser));
    };
    let to = rows::user(&Row::Driver(&to), 0)?;
    let values = [new.client_id.0.into(), new.sender.0.into()];
    let Some(row) = connections.query(PRIOR, &values).await?.pop() else {
        return Ok(None);
    };
    let row = Row::Driver(&row);
    let Some(message) = rows::message(&row, 0)? else {
        return Ok(None);
    };
    let is_same = message.body == new.body && is_between(&row, new.sender, to.id)?;
    Ok(Some(if is_same {
        Appended::Retry(message, to)
    } else {
        Appended::Conflict
    }))
}

fn is_between(row: &Row<'_>, one: UserId, other: UserId) -> Result<bool, Failure> {
    let low: Option<Uuid> = row.get(rows::MESSAGE)?;
    let high: Option<Uuid> = row.get(rows::MESSAGE + 1)?;
    let pair = Pair::new(one, other);
    Ok(pair.is_ok_and(|pair| (low, high) == (Some(pair.low().0), Some(pair.high().0))))
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

fn is_taken(failure: &Failure) -> bool {
    match failure {
        Failure::Database(error) => {
            matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
        }
        Failure::Sqlite(_) | Failure::Row { .. } | Failure::Closed => false,
    }
}
