//! Messages: a page of them in one row, and how one is appended on each database.

pub(crate) mod history;
pub(crate) mod missed;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use async_trait::async_trait;
use domain::messages::{Appended, History, HistoryRange, Message, MessageRepository, NewMessage};
use domain::users::{User, UserId, Username};
use domain::{HistoryLimit, StoreError, Timestamp};

use crate::database::Database;
use crate::failure::Failure;
use crate::rows;

pub(crate) struct StoredMessages(pub(crate) Database);

#[async_trait]
impl MessageRepository for StoredMessages {
    async fn append(&self, message: &NewMessage) -> Result<Appended, StoreError> {
        Ok(match &self.0 {
            Database::Sqlite { writer, .. } => writer.append(message.clone()).await?,
            Database::Postgres(pool) => postgres::append(pool, message).await?,
        })
    }

    async fn list_since(
        &self,
        user: UserId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(User, Message)>, StoreError> {
        Ok(missed::list_since(&self.0, user, since, limit).await?)
    }

    async fn list_with(
        &self,
        viewer: UserId,
        peer: &Username,
        range: HistoryRange,
        limit: HistoryLimit,
    ) -> Result<Option<History>, StoreError> {
        Ok(history::list_with(&self.0, viewer, peer, range, limit).await?)
    }
}

/// A new message as it stands once it has its number.
fn stored(new: &NewMessage, seq: i64) -> Result<Message, Failure> {
    Ok(Message {
        id: new.id,
        client_id: new.client_id,
        seq: rows::seq(seq)?,
        sender: new.sender,
        body: new.body.clone(),
        sent_at: new.sent_at,
    })
}
