//! Last messages of conversations, kept in memory for the inboxes that show them.
//!
//! A message never changes, so one that was read is what stands under its number for ever. Which
//! number is the last, and whether somebody may see it, is read from the database each time.

use std::sync::Arc;

use domain::conversations::{ConversationId, Seq};
use domain::messages::Message;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rusqlite::Connection;

use super::query;
use crate::failure::Failure;
use crate::messages::history::BETWEEN;
use crate::rows;

/// How many bytes of them are kept, about.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// What one of them takes, about.
const USUAL_BYTES: u64 = 256;

type Key = (ConversationId, Seq);

/// A handle to those of one database.
#[derive(Clone)]
pub(crate) struct LastMessages(Arc<Cache<Key, Message, Bytes>>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Message> for Bytes {
    fn weight(&self, _: &Key, message: &Message) -> u64 {
        (size_of::<(Key, Message)>() + message.body.as_str().len()) as u64
    }
}

impl Default for LastMessages {
    fn default() -> Self {
        let most = usize::try_from(MOST_BYTES / USUAL_BYTES).unwrap_or(usize::MAX);
        Self(Arc::new(Cache::with_weighter(most, MOST_BYTES, Bytes)))
    }
}

impl LastMessages {
    /// The message of that number, which was read in this database or is read now.
    pub(crate) fn get(
        &self,
        connection: &Connection,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<Message>, Failure> {
        if let Some(message) = self.0.get(&(conversation, seq)) {
            return Ok(Some(message));
        }
        let (id, up_to) = (conversation.0.into(), seq.get());
        let values = [id, (up_to - 1).into(), up_to.into()];
        let found = query(connection, BETWEEN, &values, |row| rows::message(row, 0))?.pop();
        let message = found.flatten();
        if let Some(message) = &message {
            self.0.insert((conversation, seq), message.clone());
        }
        Ok(message)
    }
}
