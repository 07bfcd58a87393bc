use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    #[sea_orm(unique)]
    pub(crate) token_digest: Vec<u8>,
    pub(crate) user_id: Uuid,
    pub(crate) created_at: i64,
    pub(crate) last_used_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
