//! What an operator is told.

use std::collections::BTreeSet;

use broker::Nats;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    Database, Exposition, PASSWORD, TestApp, TestClient, TestStream, Wish, answer, eventually,
};

const EVENTS: &str = "/api/v1/events";
const SEND: &str = "/api/v1/conversations/jamessmith/messages";

async fn watched(database: Database, wish: Wish) -> TestApp {
    let wish = Wish {
        metrics: true,
        ..wish
    };
    TestApp::start_as(database, wish).await
}

async fn figures(app: &TestApp) -> Exposition {
    Exposition::scrape(app.metrics.unwrap()).await
}

async fn send(client: &TestClient, text: &str, status: u16) {
    let message = json!({ "body": text });
    client.post_json(SEND, &message).await.expect(status);
}

fn answers(figures: &Exposition, route: &str, method: &str, status: &str) -> u64 {
    let labels = [("route", route), ("method", method), ("status", status)];
    figures.count("jbl_request_seconds_count", &labels)
}

#[tokio::test]
async fn requests_are_counted_by_route_method_and_status() {
    let app = watched(Database::sqlite(), Wish::default()).await;
    let david = app.signed_in("davidjones").await;
    david.get("/conversations/jamessmith").await.expect(200);
    david.get("/conversations/marybrown").await.expect(200);
    david.get("/conversations/nobody").await.expect(404);
    david.get("/no/such/page").await.expect(404);
    david.get("/nor/this?one=1").await.expect(404);
    app.client().get("/users").await.expect(303);
    let brew = Method::from_bytes(b"BREW").unwrap();
    answer(david.request(brew, "/users")).await.expect(405);
    send(&david, "hello", 201).await;

    let figures = figures(&app).await;
    for (route, method, status, count) in [
        ("/conversations/{username}", "GET", "200", 2),
        ("/conversations/{username}", "GET", "404", 1),
        ("none", "GET", "404", 2),
        ("/users", "GET", "303", 1),
        ("/users", "other", "405", 1),
        ("/api/v1/session", "POST", "201", 1),
        (
            "/api/v1/conversations/{username}/messages",
            "POST",
            "201",
            1,
        ),
    ] {
        assert_eq!(answers(&figures, route, method, status), count, "{route}");
    }
    app.stop().await;
}

#[tokio::test]
async fn sends_and_attempts_to_sign_in_are_counted_by_outcome() {
    let wish = Wish {
        send_rate: "1/h,burst=5".parse().unwrap(),
        login_rate: "1/h,burst=2".parse().unwrap(),
        ..Wish::default()
    };
    let app = watched(Database::sqlite(), wish).await;
    let david = app.signed_in("davidjones").await;
    for (password, status) in [(PASSWORD, 201), (PASSWORD, 429)] {
        let credential = json!({ "username": "davidjones", "password": password });
        let client = app.client();
        client
            .post_json("/api/v1/session", &credential)
            .await
            .expect(status);
    }
    let wrong = json!({ "username": "jamessmith", "password": "a guess" });
    app.client()
        .post_json("/api/v1/session", &wrong)
        .await
        .expect(401);

    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let message = json!({ "body": "once", "client_id": id });
    david.post_json(SEND, &message).await.expect(201);
    david.post_json(SEND, &message).await.expect(200);
    let other = json!({ "body": "not the same", "client_id": id });
    david.post_json(SEND, &other).await.expect(409);
    let to_nobody = "/api/v1/conversations/nobody/messages";
    david
        .post_json(to_nobody, &json!({ "body": "x" }))
        .await
        .expect(404);
    send(&david, "the last one", 201).await;
    send(&david, "too fast", 429).await;
    app.database.execute("DROP TABLE messages").await;

    let figures = figures(&app).await;
    for (name, outcome, count) in [
        ("jbl_sends_total", "stored", 2),
        ("jbl_sends_total", "retried", 1),
        ("jbl_sends_total", "refused", 2),
        ("jbl_sends_total", "throttled", 1),
        ("jbl_sends_total", "failed", 0),
        ("jbl_sign_ins_total", "signed_in", 2),
        ("jbl_sign_ins_total", "refused", 1),
        ("jbl_sign_ins_total", "throttled", 1),
        ("jbl_sign_ins_total", "failed", 0),
    ] {
        let counted = figures.count(name, &[("outcome", outcome)]);
        assert_eq!(counted, count, "{name} {outcome}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_the_store_fails_at_is_counted_as_failed() {
    let app = watched(Database::sqlite(), Wish::default()).await;
    let david = app.signed_in("davidjones").await;
    app.database.execute("DROP TABLE messages").await;
    send(&david, "hello", 500).await;
    app.database.execute("DROP TABLE sessions").await;
    let credential = json!({ "username": "davidjones", "password": PASSWORD });
    app.client()
        .post_json("/api/v1/session", &credential)
        .await
        .expect(500);
    let figures = figures(&app).await;
    for name in ["jbl_sends_total", "jbl_sign_ins_total"] {
        assert_eq!(figures.count(name, &[("outcome", "failed")]), 1, "{name}");
    }
    app.stop().await;
}

#[tokio::test]
async fn streams_are_counted_while_they_are_open_and_so_is_what_they_replay() {
    let app = watched(Database::sqlite(), Wish::default()).await;
    let david = app.signed_in("davidjones").await;
    let james = app.signed_in("jamessmith").await;
    let begun = TestStream::open(&david, EVENTS, "").await;
    let second = TestStream::open(&david, EVENTS, "").await;
    let third = TestStream::open(&james, EVENTS, "").await;
    let open = figures(&app).await;
    assert_eq!(open.count("jbl_streams_open", &[]), 3);
    assert_eq!(open.count("jbl_users_connected", &[]), 2);
    assert_eq!(open.count("jbl_streams_replayed_messages_total", &[]), 0);

    drop((begun, second, third));
    eventually("no stream counts as open", || async {
        let figures = figures(&app).await;
        (figures.count("jbl_streams_open", &[]) == 0).then_some(())
    })
    .await;
    send(&david, "missed", 201).await;
    let mut back = TestStream::open(&james, EVENTS, "1").await;
    assert_eq!(back.news().await.json()["message"]["body"], "missed");
    let figures = figures(&app).await;
    assert_eq!(figures.count("jbl_streams_begun_total", &[]), 4);
    assert_eq!(figures.count("jbl_streams_replayed_messages_total", &[]), 1);
    app.stop().await;
}

/// Everything there is, once it has been used; `secrets` stand nowhere in it.
async fn say_nothing_of_anybody(app: &TestApp) -> Exposition {
    let signed_in = app.client();
    let credential = json!({ "username": "davidjones", "password": PASSWORD });
    let session = signed_in
        .post_json("/api/v1/session", &credential)
        .await
        .expect(201);
    let cookie = session.header("set-cookie").to_owned();
    let (_, token) = cookie.split_once('=').unwrap();
    let token = token.split(';').next().unwrap();
    assert!(token.len() > 20, "{cookie}");
    send(&signed_in, "meet me at the pier", 201).await;
    signed_in
        .get("/conversations/jamessmith?at=1")
        .await
        .expect(200);
    signed_in.get("/users?q=smith").await.expect(200);
    signed_in.get("/jamessmith").await.expect(404);
    let stream = TestStream::open(&signed_in, EVENTS, "").await;
    let figures = figures(app).await;
    drop(stream);
    for secret in [
        "david",
        "jones",
        "james",
        "smith",
        "mary",
        "pier",
        PASSWORD,
        token,
        "127.0.0.1",
    ] {
        assert!(
            !figures.text.contains(secret),
            "{secret:?} is in\n{}",
            figures.text
        );
    }
    figures
}

mod the_figures_are_well_formed_and_say_nothing_of_anybody {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let app = watched(Database::sqlite(), Wish::default()).await;
        let figures = say_nothing_of_anybody(&app).await;
        assert_eq!(
            figures.count("jbl_build_info", &[("version", env!("CARGO_PKG_VERSION"))]),
            1
        );
        assert!(figures.single("process_resident_memory_bytes") > 1e6);
        assert!(figures.single("process_open_fds") > 5.0);
        // The three accounts, the session, when it was used, the message and where the user is.
        let commits = figures.count("jbl_sqlite_commit_seconds_count", &[]);
        assert!(commits >= 5, "{commits}");
        assert_eq!(
            figures.count("jbl_sqlite_writes_per_commit_count", &[]),
            commits
        );
        assert!(figures.count("jbl_sqlite_writes_per_commit_sum", &[]) >= commits);
        let took = figures.single("jbl_sqlite_commit_seconds_sum");
        assert!(took > 0.0 && took < 60.0, "{took}");
        assert_eq!(figures.count("jbl_sqlite_writes_waiting", &[]), 0);
        assert!(!figures.has("jbl_postgres_connections") && !figures.has("jbl_broker_connected"));
        app.stop().await;
    }

    #[tokio::test]
    async fn postgres() {
        let app = watched(Database::postgres().await, Wish::default()).await;
        let figures = say_nothing_of_anybody(&app).await;
        let of_state = |state| figures.value("jbl_postgres_connections", &[("state", state)]);
        let (in_use, idle) = (of_state("in_use"), of_state("idle"));
        let most = figures.single("jbl_postgres_connections_max");
        assert!(
            idle >= 1.0 && in_use + idle <= most,
            "{in_use} + {idle} of {most}"
        );
        assert!(!figures.has("jbl_sqlite_commit_seconds_count"));
        app.stop().await;
    }
}

mod what_the_documentation_names_is_there {
    mod postgres {
        mod nats {
            use super::super::super::*;

            #[tokio::test]
            async fn and_everything_that_is_there_is_documented() {
                let mut there = BTreeSet::new();
                for database in [Database::sqlite(), Database::postgres().await] {
                    let app = watched(database, with_nats().await).await;
                    there.extend(figures(&app).await.families());
                    app.stop().await;
                }
                let manual = include_str!("../../../../../docs/operating.md");
                let alerts = include_str!("../../../../../deploy/alerts.yml");
                let series = |name: &str| {
                    let of_family =
                        |suffix| name.strip_suffix(suffix).is_some_and(|f| there.contains(f));
                    there.contains(name) || ["_bucket", "_count", "_sum"].into_iter().any(of_family)
                };
                let named = words(manual).chain(words(alerts));
                let unknown: Vec<_> = named.filter(|name| !series(name)).collect();
                assert_eq!(unknown, [""; 0], "of {there:?}");
                let documented: BTreeSet<_> = words(manual).collect();
                let silent: Vec<_> = there
                    .iter()
                    .filter(|name| !documented.contains(&***name))
                    .collect();
                assert_eq!(silent, [""; 0], "is not in docs/operating.md");
            }
        }
    }
}

/// The names of metrics in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| {
        let is_ours = word.starts_with("jbl_") && !word.starts_with("jbl_chat");
        is_ours || (word.starts_with("process_") && word.contains("s_"))
    })
}

async fn with_nats() -> Wish {
    let url = std::env::var("TEST_NATS_URL").expect("run the tests with `cargo xtask test`");
    Wish {
        nats: Some(Nats::connect(&url).await.unwrap()),
        ..Wish::default()
    }
}

mod nats {
    use super::*;

    #[tokio::test]
    async fn the_figures_say_whether_nats_is_connected() {
        let app = watched(Database::sqlite(), with_nats().await).await;
        assert_eq!(figures(&app).await.count("jbl_broker_connected", &[]), 1);
        app.stop().await;
    }
}

#[tokio::test]
async fn the_figures_and_the_chat_are_served_apart() {
    let app = watched(Database::sqlite(), Wish::default()).await;
    app.client().get("/metrics").await.expect(404);
    let of_figures = TestClient::new(app.metrics.unwrap());
    for path in ["/", "/login", "/healthz", "/metrics/"] {
        of_figures.get(path).await.expect(404);
    }
    app.stop().await;
}
