use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;
use uuid::Uuid;

/// What clients did and saw, in the order in which it came to be known. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct History(Arc<Mutex<Vec<Entry>>>);

/// One thing a client did or saw. People are known by their usernames.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// A message is about to be sent for the first time.
    Sends {
        client_id: Uuid,
        from: String,
        to: String,
        body: String,
    },
    /// A send was answered with the message as it is stored.
    Acknowledged { client_id: Uuid, message: Message },
    /// A send was answered with something else, or not at all; it will be sent again.
    Unanswered,
    /// What an answer must not be, with which a client cannot go on.
    Refused { what: String },
    /// A piece of a conversation that was asked for when the history had so many entries, from
    /// after this number on.
    Page {
        viewer: String,
        with: String,
        asked: usize,
        after: u64,
        is_end: bool,
        messages: Vec<Message>,
    },
    /// A stream told of a message.
    Told {
        viewer: String,
        with: String,
        message: Message,
    },
    /// All that a reader of streams has in the end of one conversation.
    Has {
        viewer: String,
        with: String,
        ids: Vec<Uuid>,
    },
}

/// A message as clients are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) client_id: Uuid,
    pub(crate) seq: u64,
    pub(crate) sender: String,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn from_json(message: &Value) -> Self {
        let text = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
        let id = |field: &str| text(field).parse().unwrap_or_default();
        Self {
            id: id("id"),
            client_id: id("client_id"),
            seq: message["seq"].as_u64().unwrap_or_default(),
            sender: text("sender"),
            body: text("body"),
        }
    }
}

impl History {
    pub(crate) fn add(&self, entry: Entry) {
        self.lock().push(entry);
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// How many entries are such.
    pub(crate) fn count(&self, is_such: impl Fn(&Entry) -> bool) -> usize {
        self.lock().iter().filter(|entry| is_such(entry)).count()
    }

    /// How many sends were answered.
    pub(crate) fn acknowledged(&self) -> usize {
        self.count(|entry| matches!(entry, Entry::Acknowledged { .. }))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap()
    }
}
