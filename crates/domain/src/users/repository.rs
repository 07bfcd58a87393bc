use async_trait::async_trait;

use super::{Account, DisplayName, SearchTerm, User, UserId, Username};
use crate::sessions::{PasswordHash, SessionId};
use crate::{ListLimit, Page, StoreError, Timestamp};

/// A user to be stored.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// A new id.
    pub id: UserId,
    /// Free or taken: [`UserRepository::add`] tells.
    pub username: Username,
    /// The name people read.
    pub display_name: DisplayName,
    /// Never the password itself.
    pub password_hash: PasswordHash,
    /// When the account is made.
    pub created_at: Timestamp,
    /// Whether they may sign in and be seen.
    pub enabled: bool,
}

/// What became of [`UserRepository::add`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// Stored.
    New,
    /// The name belongs to somebody, in whatever case; nothing was changed.
    UsernameTaken,
}

/// What is needed to check a sign-in.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose they are.
    pub user: User,
    /// The stored hash, of whichever kind.
    pub password_hash: PasswordHash,
}

/// The place in a list of users after which the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryCursor {
    /// The last one's sort key: the folded display name, or the search key that matched.
    pub key: String,
    /// The last one, as keys can be shared.
    pub id: UserId,
}

/// Port: the users that exist.
///
/// *Enabled* users only, unless a method says otherwise: a disabled one is as good as not there.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Stores a user and everything they are found by, durably, or finds the name taken.
    async fn add(&self, user: &NewUser) -> Result<Added, StoreError>;

    /// The user of that name, in whatever case; `None` when there is none.
    async fn find_by_username(&self, username: &Username) -> Result<Option<User>, StoreError>;

    /// The user of that name with what checks their password; `None` when there is none.
    async fn find_credentials(
        &self,
        username: &Username,
    ) -> Result<Option<Credentials>, StoreError>;

    /// Everybody but `viewer`, ordered by folded display name, then id.
    ///
    /// With a search term: those one of whose [search keys](super::search_keys) begins with it,
    /// each once, ordered by the first such key, then id. The cost depends on the limit and not
    /// on how many users there are or match.
    async fn list_others(
        &self,
        viewer: UserId,
        search: Option<SearchTerm>,
        after: Option<DirectoryCursor>,
        limit: ListLimit,
    ) -> Result<Page<User, DirectoryCursor>, StoreError>;

    /// The account of that name, in whatever case, disabled or not; for operators. `None` when
    /// there is none.
    async fn find_account(&self, username: &Username) -> Result<Option<Account>, StoreError>;

    /// Every account, disabled ones too, ordered by name; for operators. `after` is the last name
    /// of the page before.
    async fn list_accounts(
        &self,
        after: Option<Username>,
        limit: ListLimit,
    ) -> Result<Page<Account, Username>, StoreError>;

    /// Writes down that a stream of the user is open at `now`, unless it was less than
    /// [`User::PRESENT_EVERY`] ago. `true` for the one call that makes somebody who is enabled and
    /// was not online so.
    async fn mark_present(&self, user: UserId, now: Timestamp) -> Result<bool, StoreError>;

    /// Writes down that no stream of the user is open any more, as far as is known, and that they
    /// were here until `now`. The user as they are then; `None` when they were absent already or
    /// are disabled.
    async fn mark_absent(&self, user: UserId, now: Timestamp) -> Result<Option<User>, StoreError>;

    /// Replaces the password hash of a user, disabled or not, and ends all their sessions, in one
    /// commit. `false` when there is no such user.
    async fn set_password(
        &self,
        username: &Username,
        hash: &PasswordHash,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Gives a user another display name; they are found and listed by it from then on, in the same
    /// commit. Does nothing for who is not there.
    async fn rename(&self, user: UserId, name: &DisplayName) -> Result<(), StoreError>;

    /// Writes down whether a user shows others what they read; `None` says they do, a time since
    /// when they do not. Does nothing for who is not there.
    async fn set_receipts_off(
        &self,
        user: UserId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Replaces the password hash `old` of a user by `new` and ends all their sessions but
    /// `keeping`, in one commit. `false`, and nothing is changed, when the stored hash is no longer
    /// `old` or the user is not there.
    async fn change_password(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        keeping: SessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Replaces `old` by `new` for the same password; does nothing when the stored hash is no
    /// longer `old`. Sessions go on.
    async fn upgrade_password_hash(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError>;

    /// Disables a user, ending all their sessions in the same commit, or enables them again.
    /// `false` when there is no such user.
    async fn set_enabled(
        &self,
        username: &Username,
        enabled: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
