pub(crate) mod directory;
pub(crate) mod profile;

use std::time::Duration;

use async_trait::async_trait;
use domain::messages::Recipient;
use domain::sessions::{PasswordHash, SessionId};
use domain::users::{
    Account, Added, Credentials, DirectoryCursor, DisplayName, NewUser, SearchTerm, User, UserId,
    UserRepository, Username, fold, search_keys,
};
use domain::{ListLimit, Page, StoreError, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{IntoCondition, OnConflict};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Value,
};
use uuid::Uuid;

use crate::database::Database;
use crate::entities::{sessions, user_search_keys, users};
use crate::failure::Failure;
use crate::rows::{self, Row, user_columns};

pub(crate) struct StoredUsers(pub(crate) Database);

pub(crate) const FIND: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", u.password_hash FROM users u WHERE u.username_key = $1 AND u.disabled_at IS NULL"
);

macro_rules! account {
    () => {
        "SELECT username, display_name, created_at, last_seen_at, disabled_at FROM users"
    };
}

pub(crate) const ACCOUNT: &str = concat!(account!(), " WHERE username_key = $1");

pub(crate) const ACCOUNTS: &str = concat!(
    account!(),
    " WHERE username_key > $1 ORDER BY username_key LIMIT $2 + 0"
);

pub(crate) const UPGRADE: &str =
    "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";

/// The user `$2` was not here since `$3` and is at `$1`.
pub(crate) const COME: &str = "UPDATE users SET present_at = $1
    WHERE id = $2 AND disabled_at IS NULL AND (present_at IS NULL OR present_at <= $3)";

/// They are here still.
pub(crate) const STAY: &str = "UPDATE users SET present_at = $1
    WHERE id = $2 AND disabled_at IS NULL AND present_at <= $3";

/// The user `$2` was here until `$1`.
pub(crate) const LEAVE: &str = "UPDATE users SET present_at = NULL,
        last_seen_at = CASE WHEN last_seen_at > $1 THEN last_seen_at ELSE $1 END
    WHERE id = $2 AND disabled_at IS NULL AND present_at IS NOT NULL";

pub(crate) const FIND_BY_ID: &str =
    concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1");

/// The statement that finds whom a message is for, and its value.
pub(crate) fn find(recipient: &Recipient) -> (&'static str, Value) {
    match recipient {
        Recipient::Named(username) => (FIND, username.key().into()),
        Recipient::Known(id) => (FIND_BY_ID, id.0.into()),
    }
}

#[async_trait]
impl UserRepository for StoredUsers {
    async fn add(&self, user: &NewUser) -> Result<Added, StoreError> {
        let row = row_of(user);
        let keys = if user.enabled {
            keys_of(user)
        } else {
            Vec::new()
        };
        let added = self.0.write(move |tx| {
            Box::pin(async move {
                let free = OnConflict::column(users::Column::UsernameKey)
                    .do_nothing()
                    .to_owned();
                let added = users::Entity::insert(row)
                    .on_conflict(free)
                    .exec_without_returning(tx)
                    .await?;
                if added == 0 {
                    return Ok(Added::UsernameTaken);
                }
                user_search_keys::Entity::insert_many(keys)
                    .exec_without_returning(tx)
                    .await?;
                Ok(Added::New)
            })
        });
        Ok(added.await?)
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<User>, StoreError> {
        let user = |row: &Row<'_>| rows::user(row, 0);
        Ok(self.0.one(FIND, [username.key().into()], user).await?)
    }

    async fn find_credentials(
        &self,
        username: &Username,
    ) -> Result<Option<Credentials>, StoreError> {
        let credentials = |row: &Row<'_>| {
            Ok(Credentials {
                user: rows::user(row, 0)?,
                password_hash: PasswordHash::from_stored(row.get::<String>(rows::USER)?),
            })
        };
        let key = [username.key().into()];
        Ok(self.0.one(FIND, key, credentials).await?)
    }

    async fn list_others(
        &self,
        viewer: UserId,
        search: Option<SearchTerm>,
        after: Option<DirectoryCursor>,
        limit: ListLimit,
    ) -> Result<Page<User, DirectoryCursor>, StoreError> {
        Ok(directory::list_others(&self.0, viewer, search, after, limit).await?)
    }

    async fn find_account(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        let key = [username.key().into()];
        Ok(self.0.one(ACCOUNT, key, account).await?)
    }

    async fn list_accounts(
        &self,
        after: Option<Username>,
        limit: ListLimit,
    ) -> Result<Page<Account, Username>, StoreError> {
        let after = after.map(|username| username.key()).unwrap_or_default();
        let rows = i64::from(limit.get()) + 1;
        let values = [after.into(), rows.into()];
        let accounts = self.0.all(ACCOUNTS, values, account).await?;
        Ok(Page::from_rows(accounts, limit.get(), |account| {
            account.username.clone()
        }))
    }

    async fn mark_present(&self, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
        let was_here = |ago: Duration| now.before(ago).unix_millis().into();
        let values = |ago| [now.unix_millis().into(), user.0.into(), was_here(ago)];
        if self.0.execute(COME, values(User::ONLINE_FOR)).await? > 0 {
            return Ok(true);
        }
        self.0.execute(STAY, values(User::PRESENT_EVERY)).await?;
        Ok(false)
    }

    async fn mark_absent(&self, user: UserId, now: Timestamp) -> Result<Option<User>, StoreError> {
        let values = [now.unix_millis().into(), user.0.into()];
        let leave = self.0.statement(LEAVE, values);
        let find = self.0.statement(FIND_BY_ID, [user.0.into()]);
        let absent = self.0.write(move |tx| {
            Box::pin(async move {
                if tx.execute_raw(leave).await?.rows_affected() == 0 {
                    return Ok(None);
                }
                let row = tx.query_one_raw(find).await?;
                row.map(|row| rows::user(&Row::Driver(&row), 0)).transpose()
            })
        });
        Ok(absent.await?)
    }

    async fn set_password(
        &self,
        username: &Username,
        hash: &PasswordHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let named = users::COLUMN.username_key.eq(username.key());
        let hash = hash.as_str().to_owned();
        let done = self.0.write(move |tx| {
            Box::pin(async move {
                let Some(user) = find_row(tx, named).await? else {
                    return Ok(false);
                };
                end_sessions(tx, user.id).await?;
                let mut user = user.into_active_model();
                user.password_hash = Set(hash);
                user.sessions_ended_at = Set(Some(now.unix_millis()));
                user.update(tx).await?;
                Ok(true)
            })
        });
        Ok(done.await?)
    }

    async fn rename(&self, user: UserId, name: &DisplayName) -> Result<(), StoreError> {
        Ok(profile::rename(&self.0, user, name).await?)
    }

    async fn set_receipts_off(
        &self,
        user: UserId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        Ok(profile::set_receipts_off(&self.0, user, since).await?)
    }

    async fn change_password(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        keeping: SessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(profile::change_password(&self.0, user, old, new, keeping, now).await?)
    }

    async fn upgrade_password_hash(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let values = [user.0.into(), old.as_str().into(), new.as_str().into()];
        self.0.execute(UPGRADE, values).await?;
        Ok(())
    }

    async fn set_enabled(
        &self,
        username: &Username,
        enabled: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let named = users::COLUMN.username_key.eq(username.key());
        let done = self.0.write(move |tx| {
            Box::pin(async move {
                let Some(user) = find_row(tx, named).await? else {
                    return Ok(false);
                };
                // When enabling, too: someone may have signed in while being disabled.
                end_sessions(tx, user.id).await?;
                let changes = user.disabled_at.is_none() != enabled;
                if changes && enabled {
                    let account = Account::try_from(user.clone())?;
                    let keys = search_keys(&account.username, &account.display_name);
                    user_search_keys::Entity::insert_many(key_rows(user.id, keys))
                        .exec_without_returning(tx)
                        .await?;
                } else if changes {
                    remove_keys(tx, user.id).await?;
                }
                let mut user = user.into_active_model();
                if changes {
                    user.disabled_at = Set((!enabled).then(|| now.unix_millis()));
                }
                user.sessions_ended_at = Set(Some(now.unix_millis()));
                user.update(tx).await?;
                Ok(true)
            })
        });
        Ok(done.await?)
    }
}

fn account(row: &Row<'_>) -> Result<Account, Failure> {
    let time = |at| row.get::<Option<_>>(at)?.map(rows::time).transpose();
    Ok(Account {
        username: rows::username(&row.get::<String>(0)?)?,
        display_name: rows::display_name(&row.get::<String>(1)?)?,
        created_at: rows::time(row.get(2)?)?,
        last_seen_at: time(3)?,
        disabled_at: time(4)?,
    })
}

/// The row to store for a new user.
pub(crate) fn row_of(user: &NewUser) -> users::ActiveModel {
    let created_at = user.created_at.unix_millis();
    users::ActiveModel {
        id: Set(user.id.0),
        username: Set(user.username.as_str().to_owned()),
        username_key: Set(user.username.key()),
        display_name: Set(user.display_name.as_str().to_owned()),
        name_key: Set(fold(user.display_name.as_str())),
        password_hash: Set(user.password_hash.as_str().to_owned()),
        created_at: Set(created_at),
        last_seen_at: Set(None),
        disabled_at: Set((!user.enabled).then_some(created_at)),
        present_at: Set(None),
        sessions_ended_at: Set(None),
        receipts_off_at: Set(None),
    }
}

/// The rows to store for what a new user is found by; of an enabled user only.
pub(crate) fn keys_of(user: &NewUser) -> Vec<user_search_keys::ActiveModel> {
    key_rows(user.id.0, search_keys(&user.username, &user.display_name))
}

fn key_rows(user: Uuid, keys: Vec<String>) -> Vec<user_search_keys::ActiveModel> {
    let row = |key| user_search_keys::ActiveModel {
        key: Set(key),
        user_id: Set(user),
    };
    keys.into_iter().map(row).collect()
}

async fn remove_keys(tx: &impl ConnectionTrait, user: Uuid) -> Result<(), Failure> {
    user_search_keys::Entity::delete_many()
        .filter(user_search_keys::COLUMN.user_id.eq(user))
        .exec(tx)
        .await?;
    Ok(())
}

/// The row of a user, locked against other writers.
async fn find_row(
    tx: &impl ConnectionTrait,
    whose: impl IntoCondition,
) -> Result<Option<users::Model>, Failure> {
    let row = users::Entity::find()
        .filter(whose)
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(row)
}

async fn end_sessions(tx: &impl ConnectionTrait, user: Uuid) -> Result<(), Failure> {
    sessions::Entity::delete_many()
        .filter(sessions::COLUMN.user_id.eq(user))
        .exec(tx)
        .await?;
    Ok(())
}
