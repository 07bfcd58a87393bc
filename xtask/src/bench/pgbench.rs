use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use tokio::process::Command;
use uuid::Uuid;

use crate::interrupts::in_own_group;
use crate::programs;

/// Each of so many conversations has a script, of which pgbench draws one for each transaction.
const CONVERSATIONS: usize = 100;

const SEQUENCE: &str = "CREATE SEQUENCE bench START 1000000000";

const SOME: &str = "SELECT DISTINCT ON (conversation_id) conversation_id, sender_id
    FROM messages ORDER BY conversation_id, seq LIMIT 100";

/// How many transactions a second pgbench does that insert one row into the table of messages,
/// with ids that grow as ours do, over so many connections.
pub(super) async fn rate(
    url: &str,
    connections: usize,
    length: Duration,
    folder: &Path,
) -> anyhow::Result<f64> {
    let scripts = scripts(url).await?;
    let mut command = Command::new(programs::pgbench().context("no pgbench found")?);
    command
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={connections}"))
        .arg(format!("--time={}", length.as_secs().max(1)));
    for (number, script) in scripts.iter().enumerate() {
        let file = folder.join(format!("insert-{number}.sql"));
        fs::write(&file, script)?;
        command.arg("--file").arg(file);
    }
    let output = in_own_group(&mut command).arg(url).output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench failed: {complained}");
    rate_in(&said).with_context(|| format!("pgbench said no rate: {said}"))
}

async fn scripts(url: &str) -> anyhow::Result<Vec<String>> {
    let database = Database::connect(url).await?;
    database.execute_unprepared(SEQUENCE).await?;
    let some = Statement::from_string(DbBackend::Postgres, SOME);
    let mut scripts = Vec::with_capacity(CONVERSATIONS);
    for row in database.query_all_raw(some).await? {
        let conversation: Uuid = row.try_get_by_index(0)?;
        let sender: Uuid = row.try_get_by_index(1)?;
        scripts.push(insert(conversation, sender));
    }
    database.close().await?;
    ensure!(scripts.len() == CONVERSATIONS, "too few conversations");
    Ok(scripts)
}

fn insert(conversation: Uuid, sender: Uuid) -> String {
    let id = "lpad(to_hex(currval('bench')), 32, '0')::uuid";
    format!(
        "INSERT INTO messages (conversation_id, seq, id, client_id, sender_id, body, sent_at)
         VALUES ('{conversation}', nextval('bench'), {id}, {id}, '{sender}',
             'Lunch at noon? 5b0c1d1e-7c1f-4a39-9b52-0a6f0c2f9d11', 1725148800000);\n"
    )
}

fn rate_in(said: &str) -> Option<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found_in_what_pgbench_says() {
        let said = "number of clients: 16\ntps = 23456.789 (without initial connection time)\n";
        assert_eq!(rate_in(said), Some(23_456.789));
        assert_eq!(rate_in("latency average = 1 ms"), None);
    }
}
