use domain::{Clock as _, Ids as _, RandomIds, SystemClock};
use migrations::sea_orm_migration::sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use tempfile::TempDir;

use super::Gate;

/// A database of one test's own.
pub(crate) enum Database {
    /// In a folder that goes with it.
    Sqlite(TempDir),
    /// On the server that `TEST_POSTGRES_URL` names.
    Postgres {
        admin: DatabaseConnection,
        server: String,
        name: String,
    },
    /// One that somebody else removes.
    OfAnother { url: String },
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("TEST_POSTGRES_URL")
            .expect("TEST_POSTGRES_URL is not set: run the tests with `cargo xtask test`");
        let admin = migrations::connect(&server).await.unwrap();
        let unique = RandomIds.uuid(SystemClock.now());
        let name = format!("rings_{}", unique.simple());
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        Self::Postgres {
            admin,
            server,
            name,
        }
    }

    /// On the same server, reached through a gate that can be shut.
    pub(crate) async fn postgres_behind(gate: &Gate) -> Self {
        let mut database = Self::postgres().await;
        if let Self::Postgres { server, .. } = &mut database {
            let mut url = url::Url::parse(server).unwrap();
            url.set_host(Some("127.0.0.1")).unwrap();
            url.set_port(Some(gate.address.port())).unwrap();
            *server = url.to_string();
        }
        database
    }

    /// The same, for a second server.
    pub(crate) fn of_another(&self) -> Self {
        Self::OfAnother { url: self.url() }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::OfAnother { url } => url.clone(),
            Self::Sqlite(folder) => format!("sqlite://{}/chat.db", folder.path().display()),
            Self::Postgres { server, name, .. } => {
                let mut url = url::Url::parse(server).unwrap();
                url.set_path(name);
                url.to_string()
            }
        }
    }

    /// Does something to the data behind the server's back.
    pub(crate) async fn execute(&self, sql: &str) {
        let connection = migrations::connect(&self.url()).await.unwrap();
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Everything that a thief of the data gets: the files of `SQLite`, or all rows of the sessions and
    /// the users as text.
    pub(crate) async fn contents(&self) -> Vec<u8> {
        if let Self::Sqlite(folder) = self {
            let files = std::fs::read_dir(folder.path()).unwrap();
            let read = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
            return read.flatten().collect();
        }
        let connection = migrations::connect(&self.url()).await.unwrap();
        let mut text = String::new();
        for table in ["sessions", "users"] {
            let sql =
                format!("SELECT coalesce(string_agg(t::text, '|'), '') AS rows FROM {table} t");
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            let row = connection.query_one_raw(statement).await.unwrap().unwrap();
            text.push_str(&row.try_get::<String>("", "rows").unwrap());
        }
        connection.close().await.unwrap();
        text.into_bytes()
    }

    pub(crate) async fn remove(self) {
        match self {
            Self::OfAnother { .. } => {}
            Self::Sqlite(folder) => folder.close().unwrap(),
            Self::Postgres { admin, name, .. } => {
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                admin.execute_unprepared(&drop).await.unwrap();
            }
        }
    }
}
