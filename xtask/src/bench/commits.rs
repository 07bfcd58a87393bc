use std::time::{Duration, Instant};

use anyhow::Context;
use domain::{Clock, Ids, RandomIds, SystemClock};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::number;
use super::stored::text_of;

/// The server's own settings (`crates/storage/src/sqlite.rs`).
const PRAGMAS: &str = "PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = MEMORY;";

const ANY: &str = "SELECT conversation_id, sender_id FROM messages LIMIT 1";

const INSERT: &str = "INSERT INTO messages
    (conversation_id, seq, id, client_id, sender_id, body, sent_at)
    VALUES ($1, $2, $3, $3, $4, $5, $6)";

/// How many rows a second one connection puts into the table of messages, each with a commit of
/// its own. What they make of the conversation is of no concern: the file is thrown away.
pub(super) async fn rate(url: &str, length: Duration) -> anyhow::Result<f64> {
    let database = migrations::connect(url).await?;
    database.execute_unprepared(PRAGMAS).await?;
    let any = Statement::from_string(DbBackend::Sqlite, ANY);
    let any = database.query_one_raw(any).await?;
    let any = any.context("there is no message to take after")?;
    let conversation: Vec<u8> = any.try_get_by_index(0)?;
    let sender: Vec<u8> = any.try_get_by_index(1)?;

    let (started, mut rows) = (Instant::now(), 0_u32);
    while started.elapsed() < length {
        rows += 1;
        let now = SystemClock.now();
        let id = RandomIds.uuid(now);
        let values = [
            conversation.clone().into(),
            i64::from(1_000_000_000 + rows).into(),
            id.into(),
            sender.clone().into(),
            text_of(id).into(),
            now.unix_millis().into(),
        ];
        let insert = Statement::from_sql_and_values(DbBackend::Sqlite, INSERT, values);
        database.execute_raw(insert).await?;
    }
    let rate = number(rows as usize) / started.elapsed().as_secs_f64();
    database.close().await?;
    Ok(rate)
}
