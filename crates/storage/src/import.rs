use domain::conversations::{ConversationId, Pair, Seq};
use domain::messages::Message;
use domain::users::{NewUser, UserId, Username};
use domain::{StoreError, Timestamp};
use sea_orm::{ConnectionTrait, EntityTrait, Value};

use crate::database::{Database, Sql};
use crate::entities::{user_search_keys, users};
use crate::json::{hex, json};
use crate::rows::Row;
use crate::users::{keys_of, row_of};

/// Takes in rows as they are, many at a time: for made-up data, not for what users do.
///
/// Each call is one commit, as durable as any other. Nothing is checked but what the schema
/// checks; that numbers have no gap and positions fit is up to the caller. A few thousand rows a
/// call are a good size.
pub struct Importer {
    db: Database,
}

/// A conversation as it is to stand.
#[derive(Clone, Debug)]
pub struct ImportedConversation {
    /// A new id.
    pub id: ConversationId,
    /// Whose it is; they have none yet.
    pub pair: Pair,
    /// The number of its last message.
    pub last_seq: Seq,
    /// When it began.
    pub created_at: Timestamp,
    /// When its last message was sent.
    pub active_at: Timestamp,
    /// Up to where the member with the lower id has read.
    pub low_read_seq: Seq,
    /// Up to where the member with the higher id has read.
    pub high_read_seq: Seq,
}

/// A message as it is to stand.
#[derive(Clone, Debug)]
pub struct ImportedMessage {
    /// Its conversation, which is there.
    pub conversation: ConversationId,
    /// The message.
    pub message: Message,
}

/// Rows of a users statement have nine values, so this stays below the limits of both databases.
const USERS_A_STATEMENT: usize = 1_000;

const USER_ID: &str = "SELECT id FROM users WHERE username_key = $1";

/// On both databases: `$1` conversations, `$2` members, `$3` messages, each a JSON array.
const CONVERSATIONS: Sql = Sql {
    sqlite: "INSERT INTO conversations
        (id, low_user_id, high_user_id, last_seq, created_at)
        SELECT unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3, value ->> 4
        FROM json_each($1);
    INSERT INTO members (user_id, conversation_id, read_seq, active_at)
        SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3
        FROM json_each($2)",
    postgres: "WITH made AS (
        INSERT INTO conversations (id, low_user_id, high_user_id, last_seq, created_at)
        SELECT (v ->> 0)::uuid, (v ->> 1)::uuid, (v ->> 2)::uuid,
            (v ->> 3)::bigint, (v ->> 4)::bigint
        FROM json_array_elements($1::json) v
    )
    INSERT INTO members (user_id, conversation_id, read_seq, active_at)
        SELECT (v ->> 0)::uuid, (v ->> 1)::uuid, (v ->> 2)::bigint, (v ->> 3)::bigint
        FROM json_array_elements($2::json) v",
};

const MESSAGES: Sql = Sql {
    sqlite: "INSERT INTO messages
        (conversation_id, seq, id, client_id, sender_id, body, sent_at)
    SELECT unhex(value ->> 0), value ->> 1, unhex(value ->> 2), unhex(value ->> 3),
        unhex(value ->> 4), value ->> 5, value ->> 6
    FROM json_each($1)",
    postgres: "INSERT INTO messages
        (conversation_id, seq, id, client_id, sender_id, body, sent_at)
    SELECT (v ->> 0)::uuid, (v ->> 1)::bigint, (v ->> 2)::uuid, (v ->> 3)::uuid,
        (v ->> 4)::uuid, v ->> 5, (v ->> 6)::bigint
    FROM json_array_elements($1::json) v",
};

impl Importer {
    pub(crate) fn new(db: Database) -> Self {
        Self { db }
    }

    /// Who has this name, disabled or not.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn user_id(&self, username: &Username) -> Result<Option<UserId>, StoreError> {
        let id = |row: &Row<'_>| Ok(UserId(row.get(0)?));
        Ok(self.db.one(USER_ID, [username.key().into()], id).await?)
    }

    /// Stores users and what they are found by.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails or a name is taken; nothing was stored then.
    pub async fn users(&self, new: &[NewUser]) -> Result<(), StoreError> {
        let rows: Vec<_> = new.iter().map(row_of).collect();
        let enabled = new.iter().filter(|user| user.enabled);
        let keys: Vec<_> = enabled.flat_map(keys_of).collect();
        let stored = self.db.write(move |tx| {
            Box::pin(async move {
                for rows in rows.chunks(USERS_A_STATEMENT) {
                    users::Entity::insert_many(rows.to_vec())
                        .exec_without_returning(tx)
                        .await?;
                }
                for keys in keys.chunks(USERS_A_STATEMENT) {
                    user_search_keys::Entity::insert_many(keys.to_vec())
                        .exec_without_returning(tx)
                        .await?;
                }
                Ok(())
            })
        });
        Ok(stored.await?)
    }

    /// Stores conversations and their members.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails; nothing was stored then.
    pub async fn conversations(&self, new: &[ImportedConversation]) -> Result<(), StoreError> {
        let rows: Vec<_> = new
            .iter()
            .map(|new| {
                let pair = (hex(new.pair.low().0), hex(new.pair.high().0));
                let created_at = new.created_at.unix_millis();
                (
                    hex(new.id.0),
                    pair.0,
                    pair.1,
                    new.last_seq.get(),
                    created_at,
                )
            })
            .collect();
        let members: Vec<_> = new
            .iter()
            .flat_map(|new| {
                let member = |user: UserId, read: Seq| {
                    let active_at = new.active_at.unix_millis();
                    (hex(user.0), hex(new.id.0), read.get(), active_at)
                };
                [
                    member(new.pair.low(), new.low_read_seq),
                    member(new.pair.high(), new.high_read_seq),
                ]
            })
            .collect();
        self.store(CONVERSATIONS, [json(&rows)?, json(&members)?])
            .await
    }

    /// Stores messages.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails or a number or client id is taken; nothing was stored
    /// then.
    pub async fn messages(&self, new: &[ImportedMessage]) -> Result<(), StoreError> {
        let rows: Vec<_> = new
            .iter()
            .map(
                |ImportedMessage {
                     conversation,
                     message,
                 }| {
                    (
                        hex(conversation.0),
                        message.seq.get(),
                        hex(message.id.0),
                        hex(message.client_id.0),
                        hex(message.sender.0),
                        message.body.as_str(),
                        message.sent_at.unix_millis(),
                    )
                },
            )
            .collect();
        self.store(MESSAGES, [json(&rows)?]).await
    }

    async fn store<const N: usize>(&self, sql: Sql, values: [Value; N]) -> Result<(), StoreError> {
        let statement = self.db.statement(self.db.words(sql), values);
        let stored = self
            .db
            .write(|tx| Box::pin(async move { Ok(tx.execute_raw(statement).await?) }));
        stored.await?;
        Ok(())
    }
}
