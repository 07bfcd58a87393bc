//! What is stored, read from the tables.

use migrations::sea_orm_migration::sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use uuid::Uuid;

use super::checker::Stored;
use super::history::Message;

const MESSAGES: &str = "SELECT m.conversation_id, low.username, high.username,
        m.id, m.client_id, m.seq, sender.username, m.body
    FROM messages m
    JOIN conversations c ON c.id = m.conversation_id
    JOIN users low ON low.id = c.low_user_id
    JOIN users high ON high.id = c.high_user_id
    JOIN users sender ON sender.id = m.sender_id";

/// Every message of those whose name begins as this one's, up to its last hyphen.
pub(crate) async fn of(database: &str, name: &str) -> Vec<Stored> {
    let (crowd, _) = name.rsplit_once('-').unwrap();
    let connection = migrations::connect(database).await.unwrap();
    let sql =
        format!("{MESSAGES} WHERE low.username LIKE '{crowd}-%' OR high.username LIKE '{crowd}-%'");
    let stored = rows(&connection, sql).await;
    connection.close().await.unwrap();
    stored
}

async fn rows(connection: &DatabaseConnection, sql: String) -> Vec<Stored> {
    let backend = connection.get_database_backend();
    let rows = connection.query_all_raw(Statement::from_string(backend, sql));
    let rows = rows.await.unwrap();
    let stored = rows.iter().map(|row| {
        let id = |at| row.try_get_by_index::<Uuid>(at).unwrap();
        let text = |at| row.try_get_by_index::<String>(at).unwrap();
        Stored {
            conversation: id(0),
            members: [text(1), text(2)],
            message: Message {
                id: id(3),
                client_id: id(4),
                seq: row.try_get_by_index::<i64>(5).unwrap().try_into().unwrap(),
                sender: text(6),
                body: text(7),
            },
        }
    });
    stored.collect()
}
