use async_trait::async_trait;

use super::{PasswordHash, Session, SessionId, SessionToken};
use crate::users::{User, UserId};
use crate::{ListLimit, StoreError, Timestamp};

/// A session to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// A new id.
    pub id: SessionId,
    /// A new token; the store keeps a digest of it only, so that who reads the store cannot act
    /// as its users.
    pub token: SessionToken,
    /// Whose it is.
    pub user: UserId,
    /// The hash that their password was proved right by.
    pub proved_by: PasswordHash,
    /// When it begins.
    pub created_at: Timestamp,
}

/// A session that was ended just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub session: SessionId,
    /// Whose it was.
    pub user: UserId,
}

/// What became of [`SessionRepository::begin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It goes on from here, in the place of the one that was ended, if any.
    New(Option<Ended>),
    /// The user is disabled or has another hash by now; nothing was changed.
    Unproved,
}

/// Port: who is signed in.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Begins a session and ends the one of the token `replacing`, whosever it was, in one commit.
    /// It also counts as the user's last sign of life.
    ///
    /// It begins only if, in that same commit, the user is enabled and their stored hash is the
    /// one that proved their password: whoever was checking a password while it was replaced, or
    /// while its user was disabled, is not let in.
    async fn begin(
        &self,
        session: &NewSession,
        replacing: Option<SessionToken>,
    ) -> Result<Begun, StoreError>;

    /// The session of this token with its user; `None` when there is none, it was ended, or its
    /// user is disabled. How old it may be is the caller's rule.
    async fn find(&self, token: &SessionToken) -> Result<Option<(Session, User)>, StoreError>;

    /// Writes down that a session was used and its user was seen. Neither time goes back, and a
    /// session that has ended stays ended.
    async fn touch(
        &self,
        session: SessionId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Ends the session of this token, durably, and gives it; `None` when there is none.
    async fn end(&self, token: &SessionToken) -> Result<Option<Ended>, StoreError>;

    /// Up to `limit` sessions of the user, those begun last first. How old they may be is the
    /// caller's rule. The cost depends on the limit and not on how many there are.
    async fn list_of(&self, user: UserId, limit: ListLimit) -> Result<Vec<Session>, StoreError>;

    /// Ends this session of the user, durably. `false`, and nothing is changed, when it is none of
    /// theirs or has ended.
    async fn end_one(&self, user: UserId, session: SessionId) -> Result<bool, StoreError>;

    /// Ends all sessions of the user but `keeping`, durably and in one commit, and says how many.
    async fn end_others(&self, user: UserId, keeping: SessionId) -> Result<u64, StoreError>;

    /// The users all of whose sessions, or all but one, were ended at once, by a new password or by
    /// disabling, at `since` or later, and when.
    async fn list_ended(&self, since: Timestamp) -> Result<Vec<(UserId, Timestamp)>, StoreError>;

    /// Removes sessions begun before the one time or last used before the other, and says how
    /// many.
    async fn purge(
        &self,
        created_before: Timestamp,
        used_before: Timestamp,
    ) -> Result<u64, StoreError>;
}
