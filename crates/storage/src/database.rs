use std::future::Future;
use std::pin::Pin;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    RuntimeErr, Statement, TransactionTrait, Value,
};

use crate::failure::Failure;
use crate::rows::column;
use crate::writer::Writer;
use crate::{postgres, sqlite};

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
pub(crate) struct Database {
    reads: DatabaseConnection,
    writes: Writes,
}

/// Where writes go.
#[derive(Clone)]
pub(crate) enum Writes {
    /// `SQLite`: through the one that writes.
    Gathered(Writer),
    /// `PostgreSQL`: through the same pool as reads.
    Direct,
}

impl Database {
    pub(crate) async fn open(url: &str) -> Result<Self, Failure> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        if scheme == Some("sqlite") {
            let writer = sqlite::open_writer(url).await?;
            Ok(Self {
                reads: sqlite::open_readers(url).await?,
                writes: Writes::Gathered(Writer::start(writer)),
            })
        } else if matches!(scheme, Some("postgres" | "postgresql")) {
            Ok(Self {
                reads: postgres::open(url).await?,
                writes: Writes::Direct,
            })
        } else {
            let why = "the database URL begins with neither sqlite: nor postgres:".to_owned();
            Err(DbErr::Conn(RuntimeErr::Internal(why)).into())
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.reads.get_database_backend()
    }

    /// The statement in the words of this one.
    pub(crate) fn words(&self, sql: Sql) -> &'static str {
        match self.backend() {
            DbBackend::Sqlite => sql.sqlite,
            _ => sql.postgres,
        }
    }

    pub(crate) fn writes(&self) -> &Writes {
        &self.writes
    }

    /// The connections to read with; on `PostgreSQL` they write too.
    pub(crate) fn reads(&self) -> &DatabaseConnection {
        &self.reads
    }

    /// Reads the first row of a query.
    pub(crate) async fn one<const N: usize>(
        &self,
        sql: &str,
        values: [Value; N],
    ) -> Result<Option<QueryResult>, Failure> {
        let statement = self.statement(sql, values);
        Ok(self.reads.query_one_raw(statement).await?)
    }

    /// Reads all rows of a query.
    pub(crate) async fn all<const N: usize>(
        &self,
        sql: Sql,
        values: [Value; N],
    ) -> Result<Vec<QueryResult>, Failure> {
        let statement = self.statement(self.words(sql), values);
        Ok(self.reads.query_all_raw(statement).await?)
    }

    /// Reads a list: the JSON text for [`crate::json::rows`].
    pub(crate) async fn list<const N: usize>(
        &self,
        sql: Sql,
        values: [Value; N],
    ) -> Result<String, Failure> {
        let row = self.one(self.words(sql), values).await?;
        let row = row.ok_or_else(|| Failure::Row {
            what: "list",
            why: "there is no row, not even for an empty one".to_owned(),
        })?;
        column(&row, 0)
    }

    /// Does one write and says how many rows it changed.
    pub(crate) async fn execute<const N: usize>(
        &self,
        sql: &str,
        values: [Value; N],
    ) -> Result<u64, Failure> {
        let statement = self.statement(sql, values);
        let done = match self.writes {
            Writes::Direct => self.reads.execute_raw(statement).await?,
            Writes::Gathered(_) => {
                self.write(|tx| Box::pin(async move { Ok(tx.execute_raw(statement).await?) }))
                    .await?
            }
        };
        Ok(done.rows_affected())
    }

    /// Does one write and reads the first row it returns.
    pub(crate) async fn write_one<const N: usize>(
        &self,
        sql: &str,
        values: [Value; N],
    ) -> Result<Option<QueryResult>, Failure> {
        let statement = self.statement(sql, values);
        match self.writes {
            Writes::Direct => Ok(self.reads.query_one_raw(statement).await?),
            Writes::Gathered(_) => {
                self.write(|tx| Box::pin(async move { Ok(tx.query_one_raw(statement).await?) }))
                    .await
            }
        }
    }

    /// Does several writes in one commit, and is durable when it returns. Should the caller not
    /// wait for the end, it may happen all the same.
    pub(crate) async fn write<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a DatabaseTransaction) -> Writing<'a, T> + Send + 'static,
    {
        match &self.writes {
            Writes::Gathered(writer) => writer.run(work).await,
            Writes::Direct => {
                let tx = self.reads.begin().await?;
                // Dropped on failure, it rolls back.
                let done = work(&tx).await?;
                tx.commit().await?;
                Ok(done)
            }
        }
    }

    /// Finishes the writes that wait, and closes the connections.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        if let Writes::Gathered(writer) = &self.writes {
            writer.close().await?;
        }
        Ok(self.reads.close().await?)
    }

    pub(crate) fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        Statement::from_sql_and_values(self.backend(), sql, values)
    }
}
