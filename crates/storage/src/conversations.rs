use async_trait::async_trait;
use domain::conversations::{Conversation, ConversationRepository, InboxCursor, MarkedRead, Seq};
use domain::users::{UserId, Username};
use domain::{ListLimit, Page, StoreError};
use sea_orm::{DbBackend, QueryResult};
use uuid::Uuid;

use crate::database::Database;
use crate::failure::Failure;
use crate::rows::{self, column, message_columns, user_columns};

pub(crate) struct StoredConversations(pub(crate) Database);

/// A conversation's columns, as [`rows::positions`] reads them: `c`, the viewer's member `v`, the
/// other's `p`.
macro_rules! position_columns {
    () => {
        "c.id, c.last_seq, v.read_seq, p.read_seq"
    };
}

/// The enabled user `u` named `$2`, who is not the viewer `$1`, and their conversation.
macro_rules! with_peer {
    () => {
        "FROM users u
        LEFT JOIN conversations c
            ON c.low_user_id = CASE WHEN u.id < $1 THEN u.id ELSE $1 END
            AND c.high_user_id = CASE WHEN u.id < $1 THEN $1 ELSE u.id END
        LEFT JOIN members v ON v.user_id = $1 AND v.conversation_id = c.id
        LEFT JOIN members p ON p.user_id = u.id AND p.conversation_id = c.id"
    };
}

macro_rules! is_peer {
    () => {
        "u.username_key = $2 AND u.disabled_at IS NULL AND u.id <> $1"
    };
}

pub(crate) use {is_peer, position_columns, with_peer};

pub(crate) const FIND: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    position_columns!(),
    ", ",
    message_columns!(),
    " ",
    with_peer!(),
    " LEFT JOIN messages m ON m.conversation_id = c.id AND m.seq = c.last_seq
    WHERE ",
    is_peer!()
);

/// A walk along the index `members_inbox` from the cursor on, with a few look-ups by key for each
/// row. Conversations with disabled users are left out on the way: they cost a look-up each and
/// are as many as people were disabled.
///
/// The limit is an expression, here and in `users`: `SQLite` plans a statement anew each time a
/// bare `LIMIT $n` is bound, and planning this one takes longer than running it.
macro_rules! list {
    ($joins:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            position_columns!(),
            ", ",
            message_columns!(),
            ", v.active_at FROM members v ",
            $joins,
            " WHERE v.user_id = $1 AND v.active_at <= $2
                AND (v.active_at < $2 OR v.conversation_id > $3)
                AND u.disabled_at IS NULL
            ORDER BY v.active_at DESC, v.conversation_id
            LIMIT $4 + 0"
        )
    };
}

pub(crate) const SQLITE_LIST: &str = list!(
    "JOIN conversations c ON c.id = v.conversation_id
    JOIN users u
        ON u.id = CASE WHEN c.low_user_id = v.user_id THEN c.high_user_id ELSE c.low_user_id END
    JOIN members p ON p.user_id = u.id AND p.conversation_id = c.id
    JOIN messages m ON m.conversation_id = c.id AND m.seq = c.last_seq"
);

/// `OFFSET 0` keeps the planner from joining in another order: it takes the other member for
/// rarer than they are, and then reads whole tables, or all messages of each conversation.
pub(crate) const POSTGRES_LIST: &str = list!(
    "CROSS JOIN LATERAL (
        SELECT * FROM conversations c WHERE c.id = v.conversation_id OFFSET 0) c
    CROSS JOIN LATERAL (
        SELECT * FROM users u WHERE u.id = CASE
            WHEN c.low_user_id = v.user_id THEN c.high_user_id ELSE c.low_user_id END OFFSET 0) u
    CROSS JOIN LATERAL (
        SELECT * FROM members p
        WHERE p.user_id = u.id AND p.conversation_id = v.conversation_id OFFSET 0) p
    CROSS JOIN LATERAL (
        SELECT * FROM messages m
        WHERE m.conversation_id = v.conversation_id AND m.seq = c.last_seq OFFSET 0) m"
);

pub(crate) const POSITIONS: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    position_columns!(),
    " ",
    with_peer!(),
    " WHERE ",
    is_peer!()
);

pub(crate) const MARK_READ: &str = "UPDATE members SET read_seq = $3
    WHERE user_id = $1 AND conversation_id = $2 AND read_seq < $3";

#[async_trait]
impl ConversationRepository for StoredConversations {
    async fn find_with(
        &self,
        viewer: UserId,
        peer: &Username,
    ) -> Result<Option<Conversation>, StoreError> {
        let values = [viewer.0.into(), peer.key().into()];
        let row = self.0.one(FIND, values).await?;
        Ok(row.map(|row| with_last_message(&row)).transpose()?)
    }

    async fn list_of(
        &self,
        viewer: UserId,
        before: Option<InboxCursor>,
        limit: ListLimit,
    ) -> Result<Page<Conversation, InboxCursor>, StoreError> {
        let (active_at, id) = match before {
            Some(cursor) => (cursor.active_at.unix_millis(), cursor.id.0),
            None => (i64::MAX, Uuid::nil()),
        };
        let rows = i64::from(limit.get()) + 1;
        let values = [viewer.0.into(), active_at.into(), id.into(), rows.into()];
        let sql = match self.0.backend() {
            DbBackend::Sqlite => SQLITE_LIST,
            _ => POSTGRES_LIST,
        };
        let found = self.0.all(sql, values).await?;
        let found = found.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
        let page = Page::from_rows(found, limit.get(), |(_, cursor)| *cursor);
        Ok(Page {
            items: page.items.into_iter().map(|(item, _)| item).collect(),
            next: page.next,
        })
    }

    async fn mark_read(
        &self,
        viewer: UserId,
        peer: &Username,
        seq: Seq,
    ) -> Result<Option<MarkedRead>, StoreError> {
        let values = [viewer.0.into(), peer.key().into()];
        let Some(row) = self.0.one(POSITIONS, values).await? else {
            return Ok(None);
        };
        let conversation = conversation(&row)?;
        if seq > conversation.last_seq {
            return Ok(Some(MarkedRead::Beyond));
        }
        let (Some(id), true) = (conversation.id, seq > conversation.read_seq) else {
            return Ok(Some(MarkedRead::Unchanged));
        };
        let values = [viewer.0.into(), id.0.into(), seq.get().into()];
        let marked = match self.0.execute(MARK_READ, values).await? {
            0 => MarkedRead::Unchanged,
            _ => MarkedRead::Advanced(conversation.with),
        };
        Ok(Some(marked))
    }
}

/// A conversation from a user's columns and then its positions, without its last message.
pub(crate) fn conversation(row: &QueryResult) -> Result<Conversation, Failure> {
    let empty = Conversation::empty(rows::user(row, 0)?);
    Ok(match rows::positions(row, rows::USER)? {
        None => empty,
        Some((id, [last_seq, read_seq, peer_read_seq])) => Conversation {
            id: Some(id),
            last_seq,
            read_seq,
            peer_read_seq,
            ..empty
        },
    })
}

fn with_last_message(row: &QueryResult) -> Result<Conversation, Failure> {
    Ok(Conversation {
        last_message: rows::message(row, rows::USER + rows::POSITIONS)?,
        ..conversation(row)?
    })
}

fn listed(row: &QueryResult) -> Result<(Conversation, InboxCursor), Failure> {
    let active_at = column(row, rows::USER + rows::POSITIONS + rows::MESSAGE)?;
    let id = column(row, rows::USER)?;
    let cursor = InboxCursor {
        active_at: rows::time(active_at)?,
        id: domain::conversations::ConversationId(id),
    };
    Ok((with_last_message(row)?, cursor))
}
