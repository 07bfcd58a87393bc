use std::mem;

use domain::StoreError;
use storage::{ImportedConversation, ImportedMessage, Store};
use tokio::task::JoinSet;

use super::progress::Progress;

/// So many rows are made and stored at a time.
pub(super) const BATCH: usize = 10_000;
/// So many batches are on their way to the store while the next one is made, so that a second
/// core is of use.
const ON_THE_WAY: usize = 2;

/// Takes conversations and messages one at a time and stores them a batch at a time.
pub(super) struct Batches<'a> {
    store: &'a Store,
    progress: &'a mut Progress,
    conversations: Vec<ImportedConversation>,
    messages: Vec<ImportedMessage>,
    on_the_way: JoinSet<Result<usize, StoreError>>,
}

impl<'a> Batches<'a> {
    pub(super) fn new(store: &'a Store, progress: &'a mut Progress) -> Self {
        Self {
            store,
            progress,
            conversations: Vec::new(),
            messages: Vec::with_capacity(BATCH),
            on_the_way: JoinSet::new(),
        }
    }

    /// Its messages come next.
    pub(super) fn conversation(&mut self, conversation: ImportedConversation) {
        self.conversations.push(conversation);
    }

    /// Of the last conversation.
    pub(super) async fn message(&mut self, message: ImportedMessage) -> anyhow::Result<()> {
        self.messages.push(message);
        if self.messages.len() == BATCH {
            self.send().await?;
        }
        Ok(())
    }

    /// Stores what is left. What is not waited for to its end may not be stored.
    pub(super) async fn finish(mut self) -> anyhow::Result<()> {
        self.send().await?;
        while !self.on_the_way.is_empty() {
            self.wait_for_one().await?;
        }
        Ok(())
    }

    /// Conversations are there before any of their messages; batches of messages may overtake
    /// each other, as every message has its number.
    async fn send(&mut self) -> anyhow::Result<()> {
        let importer = self.store.importer();
        importer.conversations(&self.conversations).await?;
        self.conversations.clear();
        if self.on_the_way.len() == ON_THE_WAY {
            self.wait_for_one().await?;
        }
        let messages = mem::replace(&mut self.messages, Vec::with_capacity(BATCH));
        self.on_the_way.spawn(async move {
            importer.messages(&messages).await?;
            Ok(messages.len())
        });
        Ok(())
    }

    async fn wait_for_one(&mut self) -> anyhow::Result<()> {
        if let Some(stored) = self.on_the_way.join_next().await {
            self.progress.advance(stored??);
        }
        Ok(())
    }
}
