use std::sync::Arc;

use super::{Added, DisplayName, NewUser, UserId, UserRepository, Username};
use crate::sessions::{HashError, NewPassword, PasswordHasher};
use crate::{Clock, Ids, ListLimit, Page, StoreError, Timestamp};

/// An account as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name in URLs and at sign-in.
    pub username: Username,
    /// The name people read.
    pub display_name: DisplayName,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its user last did something.
    pub last_seen_at: Option<Timestamp>,
    /// Since when it is disabled; `None` while it is enabled.
    pub disabled_at: Option<Timestamp>,
}

/// An account to make.
#[derive(Clone, Debug)]
pub struct AddUser {
    /// The name in URLs and at sign-in.
    pub username: Username,
    /// The name people read; the username when not given.
    pub display_name: Option<DisplayName>,
    /// The first password.
    pub password: NewPassword,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// Somebody has that name already.
    #[error("the name is taken")]
    UsernameTaken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeAccountError {
    /// There is no user of that name.
    #[error("there is no user of that name")]
    NoSuchUser,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an operator does with accounts. There is no public sign-up.
#[derive(Clone)]
pub struct Accounts {
    users: Arc<dyn UserRepository>,
    hasher: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Accounts {
    /// Over the users that exist.
    #[must_use]
    pub fn new(
        users: Arc<dyn UserRepository>,
        hasher: Arc<dyn PasswordHasher>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            users,
            hasher,
            clock,
            ids,
        }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`AddUserError`] when nothing was made.
    pub async fn add(&self, account: AddUser) -> Result<UserId, AddUserError> {
        let now = self.clock.now();
        let AddUser {
            username,
            display_name,
            password,
        } = account;
        let user = NewUser {
            id: UserId(self.ids.uuid(now)),
            display_name: display_name.unwrap_or_else(|| DisplayName::of_username(&username)),
            username,
            password_hash: self.hasher.hash(password.into()).await?,
            created_at: now,
            enabled: true,
        };
        match self.users.add(&user).await? {
            Added::New => Ok(user.id),
            Added::UsernameTaken => Err(AddUserError::UsernameTaken),
        }
    }

    /// A page of all accounts by name.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn list(
        &self,
        after: Option<Username>,
        limit: ListLimit,
    ) -> Result<Page<Account, Username>, StoreError> {
        self.users.list_accounts(after, limit).await
    }

    /// The account of that name, disabled or not.
    ///
    /// # Errors
    /// [`ChangeAccountError`] when there is none, or the store fails.
    pub async fn find(&self, username: &Username) -> Result<Account, ChangeAccountError> {
        let account = self.users.find_account(username).await?;
        account.ok_or(ChangeAccountError::NoSuchUser)
    }

    /// Sets a new password and ends all sessions of the user.
    ///
    /// # Errors
    /// [`ChangeAccountError`] when nothing was changed.
    pub async fn set_password(
        &self,
        username: &Username,
        password: NewPassword,
    ) -> Result<(), ChangeAccountError> {
        let hash = self.hasher.hash(password.into()).await?;
        let set = self.users.set_password(username, &hash, self.clock.now());
        found(set.await?)
    }

    /// Disables a user, who is signed out everywhere at once and seen nowhere any more.
    ///
    /// # Errors
    /// [`ChangeAccountError`] when nothing was changed.
    pub async fn disable(&self, username: &Username) -> Result<(), ChangeAccountError> {
        found(
            self.users
                .set_enabled(username, false, self.clock.now())
                .await?,
        )
    }

    /// Lets a disabled user in again; their password and conversations are as they were.
    ///
    /// # Errors
    /// [`ChangeAccountError`] when nothing was changed.
    pub async fn enable(&self, username: &Username) -> Result<(), ChangeAccountError> {
        found(
            self.users
                .set_enabled(username, true, self.clock.now())
                .await?,
        )
    }
}

fn found(found: bool) -> Result<(), ChangeAccountError> {
    if found {
        Ok(())
    } else {
        Err(ChangeAccountError::NoSuchUser)
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::{always, eq};

    use super::super::MockUserRepository;
    use super::*;
    use crate::sessions::{MockPasswordHasher, PasswordHash};
    use crate::testing::{StillClock, StillIds, at, username};

    fn accounts(users: MockUserRepository, hasher: MockPasswordHasher) -> Accounts {
        Accounts::new(
            Arc::new(users),
            Arc::new(hasher),
            Arc::new(StillClock),
            Arc::new(StillIds),
        )
    }

    fn hashing_once() -> MockPasswordHasher {
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_hash()
            .withf(|password| password.expose() == "correct horse")
            .once()
            .returning(|_| Ok(PasswordHash::from_stored("$hash")));
        hasher
    }

    fn password() -> NewPassword {
        NewPassword::parse("correct horse").unwrap()
    }

    #[tokio::test]
    async fn an_account_without_a_display_name_shows_its_username() {
        let mut users = MockUserRepository::new();
        users
            .expect_add()
            .withf(|user| {
                user.id == UserId(StillIds::UUID)
                    && user.username == username("zoe")
                    && user.display_name.as_str() == "zoe"
                    && user.password_hash == PasswordHash::from_stored("$hash")
                    && user.created_at == at(StillClock::MILLIS)
                    && user.enabled
            })
            .once()
            .returning(|_| Ok(Added::New));
        let account = AddUser {
            username: username("zoe"),
            display_name: None,
            password: password(),
        };
        let id = accounts(users, hashing_once()).add(account).await.unwrap();
        assert_eq!(id, UserId(StillIds::UUID));
    }

    #[tokio::test]
    async fn a_taken_name_makes_no_account() {
        let mut users = MockUserRepository::new();
        users
            .expect_add()
            .withf(|user| user.display_name.as_str() == "Zoë")
            .once()
            .returning(|_| Ok(Added::UsernameTaken));
        let display_name = Some(DisplayName::parse("Zoë").unwrap());
        let account = AddUser {
            username: username("zoe"),
            display_name,
            password: password(),
        };
        let outcome = accounts(users, hashing_once()).add(account).await;
        assert!(matches!(outcome, Err(AddUserError::UsernameTaken)));
    }

    #[tokio::test]
    async fn a_password_is_set_by_its_hash_or_the_user_is_missing() {
        for known in [true, false] {
            let mut users = MockUserRepository::new();
            users
                .expect_set_password()
                .with(
                    eq(username("zoe")),
                    eq(PasswordHash::from_stored("$hash")),
                    eq(at(StillClock::MILLIS)),
                )
                .once()
                .returning(move |_, _, _| Ok(known));
            let outcome = accounts(users, hashing_once())
                .set_password(&username("zoe"), password())
                .await;
            assert_eq!(outcome.is_ok(), known);
        }
    }

    #[tokio::test]
    async fn an_account_is_found_or_the_user_is_missing() {
        for known in [true, false] {
            let account = Account {
                username: username("zoe"),
                display_name: DisplayName::parse("Zoë").unwrap(),
                created_at: at(1),
                last_seen_at: None,
                disabled_at: Some(at(2)),
            };
            let stored = known.then(|| account.clone());
            let mut users = MockUserRepository::new();
            users
                .expect_find_account()
                .with(eq(username("zoe")))
                .once()
                .returning(move |_| Ok(stored.clone()));
            let accounts = accounts(users, MockPasswordHasher::new());
            match accounts.find(&username("zoe")).await {
                Ok(found) => assert_eq!((found, known), (account, true)),
                Err(error) => {
                    assert!(matches!(error, ChangeAccountError::NoSuchUser));
                    assert!(!known);
                }
            }
        }
    }

    #[tokio::test]
    async fn disabling_and_enabling_say_when_the_user_is_missing() {
        for (enabled, known) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut users = MockUserRepository::new();
            users
                .expect_set_enabled()
                .with(eq(username("zoe")), eq(enabled), eq(at(StillClock::MILLIS)))
                .once()
                .returning(move |_, _, _| Ok(known));
            let accounts = accounts(users, MockPasswordHasher::new());
            let outcome = if enabled {
                accounts.enable(&username("zoe")).await
            } else {
                accounts.disable(&username("zoe")).await
            };
            let missing = matches!(outcome, Err(ChangeAccountError::NoSuchUser));
            assert_eq!((outcome.is_ok(), missing), (known, !known));
        }
    }

    #[tokio::test]
    async fn accounts_are_listed_as_stored() {
        let mut users = MockUserRepository::new();
        users
            .expect_list_accounts()
            .with(eq(Some(username("a"))), always())
            .once()
            .returning(|_, _| {
                Ok(Page {
                    items: vec![],
                    next: Some(username("b")),
                })
            });
        let page = accounts(users, MockPasswordHasher::new())
            .list(Some(username("a")), ListLimit::default())
            .await
            .unwrap();
        assert_eq!(page.next, Some(username("b")));
    }
}
