use std::future::Future;
use std::pin::Pin;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement,
    TransactionTrait, Value,
};

use crate::failure::Failure;
use crate::figures::Figures;
use crate::postgres::{self, Connections};
use crate::rows::Row;
use crate::sqlite;
use crate::sqlite::{LastMessages, Readers};
use crate::writer::Writer;

/// A statement that the databases want in words of their own.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// What a write does in its transaction.
pub(crate) type Writing<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// The connections, and the two ways to use them: to read, and to write in a transaction.
#[derive(Clone)]
pub(crate) enum Database {
    /// Writes go through the one that writes.
    Sqlite {
        readers: Readers,
        writer: Writer,
        last_messages: LastMessages,
    },
    /// Single statements go over connections that are kept for them.
    Postgres(Connections),
}

impl Database {
    pub(crate) async fn open(url: &str) -> Result<Self, Failure> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        if scheme == Some("sqlite") {
            let db = sqlite::open_writer(url).await?;
            let writer = Writer::start(sqlite::connect_writer(url)?, db)?;
            let readers = sqlite::open_readers(url)?;
            Ok(Self::Sqlite {
                readers,
                writer,
                last_messages: LastMessages::default(),
            })
        } else if matches!(scheme, Some("postgres" | "postgresql")) {
            Ok(Self::Postgres(postgres::open(url).await?))
        } else {
            let why = "the database URL begins with neither sqlite: nor postgres:".to_owned();
            Err(DbErr::Conn(RuntimeErr::Internal(why)).into())
        }
    }

    /// The statement in the words of this one.
    pub(crate) fn words(&self, sql: Sql) -> &'static str {
        match self {
            Self::Sqlite { .. } => sql.sqlite,
            Self::Postgres(_) => sql.postgres,
        }
    }

    /// Runs a query and reads each of its rows.
    pub(crate) async fn all<T, const N: usize>(
        &self,
        sql: &'static str,
        values: [Value; N],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Vec<T>, Failure>
    where
        T: Send + 'static,
    {
        match self {
            Self::Sqlite { readers, .. } => readers.read(sql, values.into(), read).await,
            Self::Postgres(connections) => {
                let rows = connections.query(sql, &values).await?;
                rows.iter().map(|row| read(&Row::Driver(row))).collect()
            }
        }
    }

    /// Runs a query that has at most one row, and reads it.
    pub(crate) async fn one<T, const N: usize>(
        &self,
        sql: &'static str,
        values: [Value; N],
        read: impl FnMut(&Row<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Option<T>, Failure>
    where
        T: Send + 'static,
    {
        Ok(self.all(sql, values, read).await?.pop())
    }

    /// Does one write and says how many rows it changed.
    pub(crate) async fn execute<const N: usize>(
        &self,
        sql: &'static str,
        values: [Value; N],
    ) -> Result<u64, Failure> {
        match self {
            Self::Sqlite { writer, .. } => writer.execute(sql, values.into()).await,
            Self::Postgres(connections) => connections.execute(sql, &values).await,
        }
    }

    /// Does one write and reads the first row it returns.
    pub(crate) async fn write_one<T, const N: usize>(
        &self,
        sql: &'static str,
        values: [Value; N],
        read: impl FnOnce(&Row<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let row = match self {
            Self::Postgres(connections) => connections.query(sql, &values).await?.pop(),
            Self::Sqlite { .. } => {
                let statement = self.statement(sql, values);
                self.write(|tx| Box::pin(async move { Ok(tx.query_one_raw(statement).await?) }))
                    .await?
            }
        };
        row.map(|row| read(&Row::Driver(&row))).transpose()
    }

    /// Does several writes in one commit, and is durable when it returns. Should the caller not
    /// wait for the end, it may happen all the same.
    pub(crate) async fn write<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a DatabaseTransaction) -> Writing<'a, T> + Send + 'static,
    {
        match self {
            Self::Sqlite { writer, .. } => writer.run(work).await,
            Self::Postgres(connections) => {
                postgres::in_time(async {
                    let tx = connections.pool().begin().await?;
                    // Dropped on failure, it rolls back.
                    let done = work(&tx).await?;
                    tx.commit().await?;
                    Ok(done)
                })
                .await
            }
        }
    }

    /// What the connections are doing.
    pub(crate) fn figures(&self) -> Figures {
        match self {
            Self::Sqlite {
                readers, writer, ..
            } => Figures::Sqlite {
                writes_a_commit: writer.commits().writes(),
                commit_micros: writer.commits().micros(),
                writes_waiting: writer.waiting(),
                reads_waiting: readers.waiting(),
            },
            Self::Postgres(connections) => {
                let (in_use, idle) = connections.in_use_and_idle();
                Figures::Postgres {
                    in_use,
                    idle,
                    most: postgres::CONNECTIONS as usize,
                }
            }
        }
    }

    /// Finishes the writes that wait, and closes the connections.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Sqlite {
                readers, writer, ..
            } => {
                readers.close();
                writer.close().await
            }
            Self::Postgres(connections) => connections.close().await,
        }
    }

    pub(crate) fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        let backend = match self {
            Self::Sqlite { .. } => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        };
        Statement::from_sql_and_values(backend, sql, values)
    }
}
