use async_trait::async_trait;
use domain::sessions::{
    Begun, Ended, NewSession, Session, SessionId, SessionRepository, SessionToken,
};
use domain::users::{User, UserId};
use domain::{ListLimit, StoreError, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, EntityTrait};
use sha2::{Digest, Sha256};

use crate::database::Database;
use crate::entities::sessions;
use crate::failure::Failure;
use crate::rows::{self, Row, user_columns};

pub(crate) struct StoredSessions(pub(crate) Database);

pub(crate) const FIND: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", s.id, s.created_at, s.last_used_at
    FROM sessions s
    JOIN users u ON u.id = s.user_id
    WHERE s.token_digest = $1 AND u.disabled_at IS NULL"
);

/// Finds the user `$2` as they were when their password was proved by the hash `$3`, locks the
/// row and notes the time `$1` as [`SEEN`] does.
pub(crate) const BEGIN: &str = "UPDATE users
    SET last_seen_at = CASE WHEN last_seen_at > $1 THEN last_seen_at ELSE $1 END
    WHERE id = $2 AND password_hash = $3 AND disabled_at IS NULL";

/// A time that only moves forward, on whichever clock: `$1` on the user `$2`.
pub(crate) const SEEN: &str = "UPDATE users SET last_seen_at = $1
    WHERE id = $2 AND (last_seen_at IS NULL OR last_seen_at < $1)";

pub(crate) const USED: &str =
    "UPDATE sessions SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1";

pub(crate) const END: &str = "DELETE FROM sessions WHERE token_digest = $1 RETURNING id, user_id";

pub(crate) const LIST: &str = "SELECT id, created_at, last_used_at FROM sessions WHERE user_id = $1
    ORDER BY created_at DESC, id LIMIT $2 + 0";

/// The session `$2`, if it is of the user `$1`.
pub(crate) const END_ONE: &str = "DELETE FROM sessions WHERE user_id = $1 AND id = $2";

/// All of the user `$1` but `$2`.
pub(crate) const END_OTHERS: &str = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";

pub(crate) const ALL_ENDED: &str =
    "SELECT id, sessions_ended_at FROM users WHERE sessions_ended_at >= $1";

pub(crate) const PURGE: &str = "DELETE FROM sessions WHERE created_at < $1 OR last_used_at < $2";

#[async_trait]
impl SessionRepository for StoredSessions {
    async fn begin(
        &self,
        session: &NewSession,
        replacing: Option<SessionToken>,
    ) -> Result<Begun, StoreError> {
        let (user, now) = (session.user.0, session.created_at.unix_millis());
        let row = sessions::ActiveModel {
            id: Set(session.id.0),
            token_digest: Set(digest(&session.token)),
            user_id: Set(user),
            created_at: Set(now),
            last_used_at: Set(now),
        };
        let proved_by = session.proved_by.as_str();
        let seen = (self.0).statement(BEGIN, [now.into(), user.into(), proved_by.into()]);
        let end = replacing.map(|token| self.0.statement(END, [digest(&token).into()]));
        let begun = self.0.write(move |tx| {
            Box::pin(async move {
                // The user's row first, as everybody locks it before the sessions.
                if tx.execute_raw(seen).await?.rows_affected() == 0 {
                    return Ok(Begun::Unproved);
                }
                let replaced = match end {
                    Some(end) => tx.query_one_raw(end).await?,
                    None => None,
                };
                sessions::Entity::insert(row)
                    .exec_without_returning(tx)
                    .await?;
                let replaced = replaced.map(|row| ended(&Row::Driver(&row)));
                Ok(Begun::New(replaced.transpose()?))
            })
        });
        Ok(begun.await?)
    }

    async fn find(&self, token: &SessionToken) -> Result<Option<(Session, User)>, StoreError> {
        Ok(self.0.one(FIND, [digest(token).into()], found).await?)
    }

    async fn touch(
        &self,
        session: SessionId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let now = now.unix_millis();
        tokio::try_join!(
            self.0.execute(SEEN, [now.into(), user.0.into()]),
            self.0.execute(USED, [now.into(), session.0.into()]),
        )?;
        Ok(())
    }

    async fn end(&self, token: &SessionToken) -> Result<Option<Ended>, StoreError> {
        Ok(self.0.write_one(END, [digest(token).into()], ended).await?)
    }

    async fn list_of(&self, user: UserId, limit: ListLimit) -> Result<Vec<Session>, StoreError> {
        let values = [user.0.into(), i64::from(limit.get()).into()];
        Ok(self.0.all(LIST, values, |row| session(row, 0)).await?)
    }

    async fn end_one(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        let values = [user.0.into(), session.0.into()];
        Ok(self.0.execute(END_ONE, values).await? > 0)
    }

    async fn end_others(&self, user: UserId, keeping: SessionId) -> Result<u64, StoreError> {
        let values = [user.0.into(), keeping.0.into()];
        Ok(self.0.execute(END_OTHERS, values).await?)
    }

    async fn list_ended(&self, since: Timestamp) -> Result<Vec<(UserId, Timestamp)>, StoreError> {
        let since = [since.unix_millis().into()];
        let ended = |row: &Row<'_>| Ok((UserId(row.get(0)?), rows::time(row.get(1)?)?));
        Ok(self.0.all(ALL_ENDED, since, ended).await?)
    }

    async fn purge(
        &self,
        created_before: Timestamp,
        used_before: Timestamp,
    ) -> Result<u64, StoreError> {
        let times = [created_before, used_before].map(|time| time.unix_millis().into());
        Ok(self.0.execute(PURGE, times).await?)
    }
}

/// A session from its id and its two times.
fn session(row: &Row<'_>, at: usize) -> Result<Session, Failure> {
    Ok(Session {
        id: SessionId(row.get(at)?),
        created_at: rows::time(row.get(at + 1)?)?,
        last_used_at: rows::time(row.get(at + 2)?)?,
    })
}

/// What [`END`] returns.
fn ended(row: &Row<'_>) -> Result<Ended, Failure> {
    Ok(Ended {
        session: SessionId(row.get(0)?),
        user: UserId(row.get(1)?),
    })
}

/// What [`FIND`] returns.
fn found(row: &Row<'_>) -> Result<(Session, User), Failure> {
    Ok((session(row, rows::USER)?, rows::user(row, 0)?))
}

/// What the table holds of a token. Tokens are random, so nothing slower is needed.
fn digest(token: &SessionToken) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
