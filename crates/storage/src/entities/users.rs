use domain::users::Account;
use sea_orm::entity::prelude::*;

use crate::failure::Failure;
use crate::rows;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) username: String,
    #[sea_orm(unique)]
    pub(crate) username_key: String,
    pub(crate) display_name: String,
    pub(crate) name_key: String,
    pub(crate) password_hash: String,
    pub(crate) created_at: i64,
    pub(crate) last_seen_at: Option<i64>,
    pub(crate) disabled_at: Option<i64>,
    pub(crate) present_at: Option<i64>,
    pub(crate) sessions_ended_at: Option<i64>,
    pub(crate) receipts_off_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Account {
    type Error = Failure;

    fn try_from(row: Model) -> Result<Self, Failure> {
        Ok(Self {
            username: rows::username(&row.username)?,
            display_name: rows::display_name(&row.display_name)?,
            created_at: rows::time(row.created_at)?,
            last_seen_at: row.last_seen_at.map(rows::time).transpose()?,
            disabled_at: row.disabled_at.map(rows::time).transpose()?,
        })
    }
}
