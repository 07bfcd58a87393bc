//! What users change of themselves.

use domain::Timestamp;
use domain::sessions::{PasswordHash, SessionId};
use domain::users::{DisplayName, UserId, fold, search_keys};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel};

use super::{find_row, key_rows, remove_keys};
use crate::database::Database;
use crate::entities::{user_search_keys, users};
use crate::failure::Failure;
use crate::rows;
use crate::sessions::END_OTHERS;

/// The user `$3` had the hash `$4` so far, and has `$1` from the time `$2` on.
pub(crate) const CHANGE_PASSWORD: &str = "UPDATE users
    SET password_hash = $1, sessions_ended_at = $2
    WHERE id = $3 AND password_hash = $4 AND disabled_at IS NULL";

pub(crate) const SET_RECEIPTS_OFF: &str =
    "UPDATE users SET receipts_off_at = $1 WHERE id = $2 AND disabled_at IS NULL";

pub(super) async fn rename(db: &Database, user: UserId, name: &DisplayName) -> Result<(), Failure> {
    let name = name.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let id = users::COLUMN.id.eq(user.0);
            let enabled = users::COLUMN.disabled_at.is_null();
            let Some(row) = find_row(tx, id.and(enabled)).await? else {
                return Ok(());
            };
            remove_keys(tx, row.id).await?;
            let keys = search_keys(&rows::username(&row.username)?, &name);
            user_search_keys::Entity::insert_many(key_rows(row.id, keys))
                .exec_without_returning(tx)
                .await?;
            let mut row = row.into_active_model();
            row.display_name = Set(name.as_str().to_owned());
            row.name_key = Set(fold(name.as_str()));
            row.update(tx).await?;
            Ok(())
        })
    })
    .await
}

pub(super) async fn set_receipts_off(
    db: &Database,
    user: UserId,
    since: Option<Timestamp>,
) -> Result<(), Failure> {
    let since = since.map(Timestamp::unix_millis);
    db.execute(SET_RECEIPTS_OFF, [since.into(), user.0.into()])
        .await?;
    Ok(())
}

pub(super) async fn change_password(
    db: &Database,
    user: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
    keeping: SessionId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let (new, now) = (new.as_str().into(), now.unix_millis().into());
    let values = [new, now, user.0.into(), old.as_str().into()];
    let change = db.statement(CHANGE_PASSWORD, values);
    let end = db.statement(END_OTHERS, [user.0.into(), keeping.0.into()]);
    db.write(move |tx| {
        Box::pin(async move {
            if tx.execute_raw(change).await?.rows_affected() == 0 {
                return Ok(false);
            }
            tx.execute_raw(end).await?;
            Ok(true)
        })
    })
    .await
}
