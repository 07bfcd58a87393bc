use async_trait::async_trait;
use domain::conversations::{
    Conversation, ConversationId, ConversationRepository, InboxCursor, Marked, Opened, Opening,
    Position, Positions, Seq,
};
use domain::messages::HistoryRange;
use domain::users::{UserId, Username};
use domain::{ListLimit, Page, StoreError};
use rusqlite::Connection;
use sea_orm::Value;
use uuid::Uuid;

use crate::database::{Database, Sql};
use crate::failure::Failure;
use crate::messages::history;
use crate::rows::{self, Row, message_columns, user_columns};
use crate::sqlite::{LastMessages, query};

pub(crate) struct StoredConversations(pub(crate) Database);

/// A conversation's columns, as [`conversation`] reads them after a user's: `c`, the viewer's
/// member `v`, the other's `p`.
macro_rules! position_columns {
    () => {
        "c.id, c.last_seq, v.delivered_seq, v.read_seq, p.delivered_seq, p.read_seq"
    };
}

/// How many they are.
pub(crate) const POSITION_COLUMNS: usize = 6;

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
    ($columns:expr, $joins:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            position_columns!(),
            ", v.active_at",
            $columns,
            " FROM members v ",
            $joins,
            " WHERE v.user_id = $1 AND v.active_at <= $2
                AND (v.active_at < $2 OR v.conversation_id > $3)
                AND u.disabled_at IS NULL
            ORDER BY v.active_at DESC, v.conversation_id
            LIMIT $4 + 0"
        )
    };
}

/// Without the last messages, of which most are in memory: a look-up of one costs more than any
/// other here, as the table is the largest.
const SQLITE_LIST: &str = list!(
    "",
    "JOIN conversations c ON c.id = v.conversation_id
    JOIN users u
        ON u.id = CASE WHEN c.low_user_id = v.user_id THEN c.high_user_id ELSE c.low_user_id END
    JOIN members p ON p.user_id = u.id AND p.conversation_id = c.id AND c.last_seq > 0"
);

/// With them, as a second statement is a second round trip.
///
/// `OFFSET 0` keeps the planner from joining in another order: it takes the other member for
/// rarer than they are, and then reads whole tables, or all messages of each conversation.
const POSTGRES_LIST: &str = list!(
    concat!(", ", message_columns!()),
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

pub(crate) const LIST: Sql = Sql {
    sqlite: SQLITE_LIST,
    postgres: POSTGRES_LIST,
};

/// Where a row of [`LIST`] has the time of the last activity, and after it the last message.
const ACTIVE_AT: usize = rows::USER + POSITION_COLUMNS;

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

pub(crate) const MARK_DELIVERED: &str = "UPDATE members SET delivered_seq = $3
    WHERE user_id = $1 AND conversation_id = $2 AND delivered_seq < $3 AND read_seq < $3";

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
        Ok(self.0.one(FIND, values, with_last_message).await?)
    }

    async fn list_of(
        &self,
        viewer: UserId,
        before: Option<InboxCursor>,
        limit: ListLimit,
    ) -> Result<Page<Conversation, InboxCursor>, StoreError> {
        let values = of_list(viewer, before, limit);
        let found = match &self.0 {
            Database::Sqlite {
                readers,
                last_messages,
                ..
            } => {
                let last_messages = last_messages.clone();
                let list = move |db: &Connection| list_in_sqlite(db, &last_messages, &values);
                readers.run(list).await?
            }
            Database::Postgres(_) => self.0.all(LIST.postgres, values, listed_whole).await?,
        };
        Ok(page(found, limit))
    }

    async fn open(
        &self,
        viewer: UserId,
        peer: &Username,
        opening: Opening,
    ) -> Result<Option<Opened>, StoreError> {
        let (who, range) = ([viewer.0.into(), peer.key().into()], HistoryRange::Newest);
        let Opening {
            newest,
            known,
            inbox,
        } = opening;
        let values = of_list(viewer, None, inbox);
        let opened = match &self.0 {
            Database::Sqlite {
                readers,
                last_messages,
                ..
            } => {
                let last_messages = last_messages.clone();
                let open = move |db: &Connection| {
                    let found = history::in_sqlite(db, &who, range, newest, known)?;
                    let beside = |found| Ok((found, list_in_sqlite(db, &last_messages, &values)?));
                    found.map(beside).transpose()
                };
                readers.snapshot(open).await?
            }
            Database::Postgres(_) => {
                let (found, listed) = tokio::try_join!(
                    history::in_postgres(&self.0, who, range, newest, known),
                    self.0.all(LIST.postgres, values, listed_whole)
                )?;
                found.map(|found| (found, listed))
            }
        };
        Ok(opened.map(|((conversation, messages), listed)| {
            let is_known = known == Some(conversation.last_seq);
            Opened {
                conversation,
                newest: (!is_known).then_some(messages),
                inbox: page(listed, inbox),
            }
        }))
    }

    async fn mark(
        &self,
        viewer: UserId,
        peer: &Username,
        position: Position,
        seq: Seq,
    ) -> Result<Option<Marked>, StoreError> {
        let values = [viewer.0.into(), peer.key().into()];
        let Some(conversation) = self.0.one(POSITIONS, values, conversation).await? else {
            return Ok(None);
        };
        if seq > conversation.last_seq {
            return Ok(Some(Marked::Beyond));
        }
        let (Some(id), true) = (conversation.id, seq > conversation.mine.at(position)) else {
            return Ok(Some(Marked::Unchanged));
        };
        let values = [viewer.0.into(), id.0.into(), seq.get().into()];
        let mark = match position {
            Position::Delivered => MARK_DELIVERED,
            Position::Read => MARK_READ,
        };
        let marked = match self.0.execute(mark, values).await? {
            0 => Marked::Unchanged,
            _ => Marked::Advanced {
                with: conversation.with,
                before: conversation.mine,
            },
        };
        Ok(Some(marked))
    }
}

/// A conversation from a user's columns and then its positions, without its last message.
pub(crate) fn conversation(row: &Row<'_>) -> Result<Conversation, Failure> {
    let with = rows::user(row, 0)?;
    let Some(id) = row.get(rows::USER)? else {
        return Ok(Conversation::empty(with));
    };
    let position = |column| rows::seq(row.get(rows::USER + column)?);
    let last_seq = position(1)?;
    if last_seq == Seq::ZERO {
        return Ok(Conversation::empty(with));
    }
    Ok(Conversation {
        id: Some(ConversationId(id)),
        last_seq,
        mine: Positions::new(position(2)?, position(3)?),
        peers: Positions::new(position(4)?, position(5)?),
        ..Conversation::empty(with)
    })
}

fn with_last_message(row: &Row<'_>) -> Result<Conversation, Failure> {
    Ok(Conversation {
        last_message: rows::message(row, rows::USER + POSITION_COLUMNS)?,
        ..conversation(row)?
    })
}

/// An entry of an inbox, and the cursor behind it.
type Listed = (Conversation, InboxCursor);

/// What [`LIST`] is given.
fn of_list(viewer: UserId, before: Option<InboxCursor>, limit: ListLimit) -> [Value; 4] {
    let (active_at, id) = match before {
        Some(cursor) => (cursor.active_at.unix_millis(), cursor.id.0),
        None => (i64::MAX, Uuid::nil()),
    };
    let rows = i64::from(limit.get()) + 1;
    [viewer.0.into(), active_at.into(), id.into(), rows.into()]
}

fn page(found: Vec<Listed>, limit: ListLimit) -> Page<Conversation, InboxCursor> {
    let page = Page::from_rows(found, limit.get(), |(_, cursor)| *cursor);
    Page {
        items: page.items.into_iter().map(|(item, _)| item).collect(),
        next: page.next,
    }
}

fn list_in_sqlite(
    db: &Connection,
    last_messages: &LastMessages,
    values: &[Value; 4],
) -> Result<Vec<Listed>, Failure> {
    let mut found = query(db, LIST.sqlite, values, listed)?;
    for (conversation, cursor) in &mut found {
        conversation.last_message = last_messages.get(db, cursor.id, conversation.last_seq)?;
    }
    Ok(found)
}

/// Without its last message.
fn listed(row: &Row<'_>) -> Result<Listed, Failure> {
    let cursor = InboxCursor {
        active_at: rows::time(row.get(ACTIVE_AT)?)?,
        id: ConversationId(row.get(rows::USER)?),
    };
    Ok((conversation(row)?, cursor))
}

fn listed_whole(row: &Row<'_>) -> Result<Listed, Failure> {
    let (mut conversation, cursor) = listed(row)?;
    conversation.last_message = rows::message(row, ACTIVE_AT + 1)?;
    Ok((conversation, cursor))
}
