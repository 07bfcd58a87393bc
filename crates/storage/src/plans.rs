//! How the databases mean to answer the queries of every page and send: along indexes.

use migrations::Migrator;
use migrations::sea_orm_migration::MigratorTrait;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use uuid::Uuid;

use crate::database::Sql;
use crate::messages::{history, missed, postgres as postgres_sends, sqlite as sqlite_sends};
use crate::users::profile;
use crate::{conversations, sessions, users};

/// Rows asked for, as by a page of fifty.
const PAGE: i64 = 51;

struct Query {
    name: &'static str,
    sql: &'static str,
    values: Vec<Value>,
    /// The index its rows come out of in their order, so that it reads no more than it returns.
    walks: Option<&'static str>,
    /// It sorts the few rows it finds, and those that it looks at come out of the index.
    sorts: bool,
}

fn queries(words: impl Fn(Sql) -> &'static str) -> Vec<Query> {
    let id = || Value::from(Uuid::nil());
    let text = || Value::from("name");
    let number = || Value::from(7_i64);
    let query = |name, sql, values| Query {
        name,
        sql,
        values,
        walks: None,
        sorts: false,
    };
    let list = |name, sql, values, walks| Query {
        walks: Some(walks),
        ..query(name, sql, values)
    };
    let inbox = |before: i64| {
        let values = vec![id(), before.into(), id(), PAGE.into()];
        list("inbox", words(conversations::LIST), values, "members_inbox")
    };
    vec![
        query("session", sessions::FIND, vec![vec![0_u8; 32].into()]),
        query("seen", sessions::SEEN, vec![number(), id()]),
        query("used", sessions::USED, vec![number(), id()]),
        query("end", sessions::END, vec![vec![0_u8; 32].into()]),
        list(
            "sessions of a user",
            sessions::LIST,
            vec![id(), PAGE.into()],
            "sessions_of_user",
        ),
        query("end one", sessions::END_ONE, vec![id(), id()]),
        query("end others", sessions::END_OTHERS, vec![id(), id()]),
        query("begin", sessions::BEGIN, vec![number(), id(), text()]),
        Query {
            walks: Some("users_sessions_ended"),
            ..query("all ended", sessions::ALL_ENDED, vec![number()])
        },
        query("come", users::COME, vec![number(), id(), number()]),
        query("stay", users::STAY, vec![number(), id(), number()]),
        query("leave", users::LEAVE, vec![number(), id()]),
        query("receipts", profile::SET_RECEIPTS_OFF, vec![number(), id()]),
        query(
            "change password",
            profile::CHANGE_PASSWORD,
            vec![text(), number(), id(), text()],
        ),
        query("user by id", users::FIND_BY_ID, vec![id()]),
        query("user", users::FIND, vec![text()]),
        list(
            "directory",
            users::directory::LIST,
            vec![id(), text(), id(), PAGE.into()],
            "users_directory",
        ),
        list(
            "search",
            users::directory::SEARCH,
            vec![id(), text(), id(), PAGE.into(), "namf".into(), text()],
            "user_search_keys_pkey",
        ),
        query("conversation", conversations::FIND, vec![id(), text()]),
        query("positions", conversations::POSITIONS, vec![id(), text()]),
        inbox(i64::MAX),
        inbox(1_000),
        Query {
            sorts: true,
            ..list(
                "missed",
                words(missed::LIST),
                vec![id(), 1_990_i64.into(), 501_i64.into()],
                "members_inbox",
            )
        },
        query(
            "mark delivered",
            conversations::MARK_DELIVERED,
            vec![id(), id(), number()],
        ),
        query(
            "mark read",
            conversations::MARK_READ,
            vec![id(), id(), number()],
        ),
    ]
}

/// The lines of a plan.
async fn explain(
    db: &DatabaseConnection,
    explain: &str,
    column: usize,
    sql: &str,
    values: Vec<Value>,
) -> Vec<String> {
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, format!("{explain} {sql}"), values);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(column).unwrap())
        .collect()
}

mod sqlite {
    use super::*;

    async fn plan(db: &DatabaseConnection, sql: &str, values: Vec<Value>) -> Vec<String> {
        explain(db, "EXPLAIN QUERY PLAN", 3, sql, values).await
    }

    /// `SCAN` is a walk through all of a table or index; through the one JSON array of a
    /// statement is what is meant.
    fn assert_no_scan(name: &str, plan: &[String]) {
        let is_scan = |line: &&String| {
            line.starts_with("SCAN ")
                && !line.contains("VIRTUAL TABLE")
                // Members of a new conversation, looked for only where a foreign key is broken
                // already: a batch's insert has the loop behind an `FkIfZero`.
                && *line != "SCAN members USING INDEX members_inbox"
                && !line.contains("CONSTANT ROW")
        };
        assert!(!plan.is_empty());
        assert_eq!(plan.iter().find(is_scan), None, "{name}: {plan:#?}");
    }

    #[tokio::test]
    async fn no_query_of_a_page_or_a_send_walks_a_whole_table() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("chat.db").display());
        let db = migrations::connect(&url).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        for query in queries(|sql| sql.sqlite) {
            let plan = plan(&db, query.sql, query.values).await;
            assert_no_scan(query.name, &plan);
            if let Some(index) = query.walks {
                let index = match index {
                    "user_search_keys_pkey" => "PRIMARY KEY",
                    _ => index,
                };
                let walks = |line: &String| line.contains(&format!(" {index} ("));
                assert!(plan.iter().any(walks), "{}: {plan:#?}", query.name);
                let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE"));
                assert_eq!(sorts, query.sorts, "{}: {plan:#?}", query.name);
            }
        }
        let (id, number) = (|| Value::from(Uuid::nil()), || Value::from(7_i64));
        for (sql, values) in [
            (history::BETWEEN, vec![id(), number(), number()]),
            (sqlite_sends::CONVERSATION, vec![id(), id()]),
            (sqlite_sends::NUMBER, vec![id(), number()]),
            (
                sqlite_sends::MOVE,
                vec![id(), id(), number(), number(), number()],
            ),
            (sqlite_sends::PRIOR, vec![id(), id()]),
        ] {
            assert_no_scan(sql, &plan(&db, sql, values).await);
        }
    }
}

mod postgres {
    use super::*;

    /// Somebody with 2,000 conversations among 4,000 people.
    const FILL: &str = "
        INSERT INTO users SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid,
            'name' || n, 'name' || n, 'Name ' || n, 'name ' || n, '$', 1, NULL, NULL, NULL,
            CASE WHEN n < 10 THEN n END, NULL
            FROM generate_series(0, 3999) n;
        INSERT INTO user_search_keys SELECT username_key, id FROM users;
        INSERT INTO user_search_keys SELECT name_key, id FROM users;
        INSERT INTO conversations SELECT u.id, z.id, u.id, 9, 1 FROM users u, users z
            WHERE z.username = 'name0' AND u.id > z.id LIMIT 2000;
        INSERT INTO members SELECT low_user_id, id, 0, row_number() OVER (ORDER BY id), 0
            FROM conversations;
        INSERT INTO members SELECT high_user_id, id, 0, row_number() OVER (ORDER BY id), 0
            FROM conversations;
        INSERT INTO messages SELECT c.id, n, c.id, gen_random_uuid(), c.low_user_id, 'text', 1
            FROM conversations c, generate_series(1, 9) n;
        INSERT INTO sessions SELECT id, decode(md5(username), 'hex'), id, 1, 1 FROM users;
        ANALYZE";

    #[tokio::test]
    async fn no_query_of_a_page_or_a_send_walks_a_whole_table() {
        let server = std::env::var("TEST_POSTGRES_URL").expect(
            "TEST_POSTGRES_URL names no PostgreSQL server: run `cargo xtask test`, which brings \
            one up",
        );
        let db = migrations::connect(&server).await.unwrap();
        let schema = format!("plans_{}", std::process::id());
        let set_up = format!("CREATE SCHEMA {schema}; SET search_path TO {schema}");
        db.execute_unprepared(&set_up).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        db.execute_unprepared(FILL).await.unwrap();
        let mut failures = Vec::new();
        let mut all = queries(|sql| sql.postgres);
        let (id, text) = (|| Value::from(Uuid::nil()), || Value::from("name"));
        for (name, sql, to) in [
            ("append", postgres_sends::APPEND, text()),
            ("append to known", postgres_sends::APPEND_KNOWN, id()),
        ] {
            all.push(Query {
                name,
                sql,
                values: vec![id(), to, id(), id(), "x".into(), 1_i64.into()],
                walks: None,
                sorts: false,
            });
        }
        all.push(Query {
            name: "history",
            sql: history::WITH_CONVERSATION,
            values: vec![
                id(),
                "name".into(),
                (-1_i64).into(),
                7_i64.into(),
                7_i64.into(),
                (-1_i64).into(),
            ],
            walks: None,
            // A page's rows, which come out of the index in their order already.
            sorts: true,
        });
        all.push(Query {
            name: "prior",
            sql: postgres_sends::PRIOR,
            values: vec![id(), id()],
            walks: None,
            sorts: false,
        });
        for query in all {
            let plan = explain(&db, "EXPLAIN (COSTS OFF)", 0, query.sql, query.values).await;
            let strays = |line: &String| {
                ["Seq Scan", "Sort", "Hash"]
                    .iter()
                    .any(|bad| line.contains(bad) && !(*bad == "Sort" && query.sorts))
            };
            let walks = |index| {
                plan.iter()
                    .any(|line| line.contains(&format!("using {index} ")))
            };
            if plan.iter().any(strays) || !query.walks.is_none_or(walks) {
                failures.push((query.name, plan));
            }
        }
        let tear_down = format!("DROP SCHEMA {schema} CASCADE");
        db.execute_unprepared(&tear_down).await.unwrap();
        assert!(failures.is_empty(), "{failures:#?}");
    }
}
