//! Appending on `PostgreSQL`: one statement, which is one round trip and one commit.

use domain::messages::{Appended, Message, NewMessage};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, SqlErr, Statement, TransactionTrait, Value,
};
use uuid::Uuid;

use super::stored;
use crate::failure::Failure;
use crate::postgres::{Connections, in_time};
use crate::rows::{self, Row, message_columns};

/// Takes the next number under the row lock of the pair's conversation, stores the message and
/// moves the members. When the client id is taken, all of it is undone, the number too. Gives no
/// row when there is no such conversation.
pub(crate) const APPEND: &str = "WITH numbered AS (
        UPDATE conversations SET last_seq = last_seq + 1
        WHERE low_user_id = $1 AND high_user_id = $2
        RETURNING id, last_seq
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, id, client_id, sender_id, body, sent_at)
        SELECT id, last_seq, $3, $4, $5, $6, $7 FROM numbered
    ), moved AS (
        UPDATE members m SET
            active_at = greatest(m.active_at, $7),
            read_seq = CASE WHEN m.user_id = $5 THEN n.last_seq ELSE m.read_seq END
        FROM numbered n
        WHERE m.user_id IN ($1, $2) AND m.conversation_id = n.id
    )
    SELECT last_seq FROM numbered";

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
    let outcome = match insert(connections, new).await {
        Ok(Some(message)) => return Ok(Appended::New(message)),
        Ok(None) => in_time(insert_first(connections.pool(), new)).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(message) => Ok(Appended::New(message)),
        Err(failure) if is_taken(&failure) => match prior(connections, new).await? {
            Some(appended) => Ok(appended),
            // Some other key was taken.
            None => Err(failure),
        },
        Err(failure) => Err(failure),
    }
}

/// `None` when the pair has no conversation yet.
async fn insert(connections: &Connections, new: &NewMessage) -> Result<Option<Message>, Failure> {
    let row = connections.query(APPEND, &of_append(new)).await?.pop();
    row.map(|row| stored(new, row.try_get_by_index(0)?))
        .transpose()
}

fn of_append(new: &NewMessage) -> [Value; 7] {
    [
        new.pair.low().0.into(),
        new.pair.high().0.into(),
        new.id.0.into(),
        new.client_id.0.into(),
        new.sender.0.into(),
        new.body.as_str().into(),
        new.sent_at.unix_millis().into(),
    ]
}

/// The conversation and its first message, in one commit.
async fn insert_first(pool: &DatabaseConnection, new: &NewMessage) -> Result<Message, Failure> {
    let tx = pool.begin().await?;
    let values: [Value; 4] = [
        new.pair.low().0.into(),
        new.pair.high().0.into(),
        new.conversation.0.into(),
        new.sent_at.unix_millis().into(),
    ];
    tx.execute_raw(statement(CREATE, values)).await?;
    let row = tx.query_one_raw(statement(APPEND, of_append(new))).await?;
    let row = row.ok_or(Failure::Row {
        what: "conversation",
        why: "it was made and is not there".to_owned(),
    })?;
    let message = stored(new, row.try_get_by_index(0)?)?;
    tx.commit().await?;
    Ok(message)
}

/// What the sender's client id was used for before.
async fn prior(connections: &Connections, new: &NewMessage) -> Result<Option<Appended>, Failure> {
    let values = [new.client_id.0.into(), new.sender.0.into()];
    let Some(row) = connections.query(PRIOR, &values).await?.pop() else {
        return Ok(None);
    };
    let row = Row::Driver(&row);
    let Some(message) = rows::message(&row, 0)? else {
        return Ok(None);
    };
    let is_same = message.body == new.body && is_of_pair(&row, new)?;
    Ok(Some(if is_same {
        Appended::Retry(message)
    } else {
        Appended::Conflict
    }))
}

fn is_of_pair(row: &Row<'_>, new: &NewMessage) -> Result<bool, Failure> {
    let low: Option<Uuid> = row.get(rows::MESSAGE)?;
    let high: Option<Uuid> = row.get(rows::MESSAGE + 1)?;
    Ok((low, high) == (Some(new.pair.low().0), Some(new.pair.high().0)))
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
