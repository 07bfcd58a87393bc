use migrations::Migrator;
use migrations::sea_orm_migration::MigratorTrait;
use migrations::sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement,
};
use storage::Store;
use tempfile::TempDir;

/// A migrated database in a file that goes when this is dropped.
pub(crate) struct TempDatabase {
    pub(crate) url: String,
    raw: DatabaseConnection,
    _dir: TempDir,
}

impl TempDatabase {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("test.db").display());
        let raw = migrations::connect(&url).await.unwrap();
        Migrator::up(&raw, None).await.unwrap();
        Self {
            url,
            raw,
            _dir: dir,
        }
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// The first column, a text, of each row.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        let rows = self.raw.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect()
    }

    /// How many rows a condition selects: `messages WHERE seq = 1`.
    pub(crate) async fn count(&self, selection: &str) -> u64 {
        let sql = format!("SELECT CAST(count(*) AS TEXT) FROM {selection}");
        self.texts(&sql).await[0].parse().unwrap()
    }

    /// Every row of every table but that of the migrations, which says when they were applied.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let tables = "SELECT name FROM sqlite_master
            WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'seaql_migrations'
            ORDER BY name";
        let mut dump = Vec::new();
        for table in self.texts(tables).await {
            let columns = format!(
                "SELECT group_concat('quote(' || name || ')', ' || '','' || ')
                 FROM pragma_table_info('{table}')"
            );
            let columns = self.texts(&columns).await.remove(0);
            let rows = format!("SELECT '{table}: ' || {columns} FROM {table} ORDER BY 1");
            dump.extend(self.texts(&rows).await);
        }
        dump
    }
}
