//! What is written down, and what never is.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::answers::cookie_of;
use crate::support::{Database, TestApp, TestClient, answer};

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// The finest log there is, without the clients of this test.
fn capture() -> Log {
    let log = Log::default();
    let filter =
        EnvFilter::new("trace,sqlx::query=off,reqwest=off,hyper_util::client=off,cookie_store=off");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log.clone())
        .with_ansi(false)
        .init();
    log
}

#[tokio::test]
async fn no_password_token_cookie_or_message_is_ever_logged() {
    let log = capture();
    let mut secrets = vec!["kittiwake-guess".to_owned(), "argon2id".to_owned()];
    for database in [Some(Database::sqlite()), postgres().await]
        .into_iter()
        .flatten()
    {
        let app = TestApp::start(database).await;
        let cookie = cookie_of(&app, "davidjones").await;
        secrets.push(cookie.strip_prefix("jbl_session=").unwrap().to_owned());
        let david = TestClient::holding(app.address, &cookie);
        use_it(&app, &david).await;
        app.database.execute("DROP TABLE messages").await;
        use_it(&app, &david).await;
        let out = david.post_form("/logout", &[]).await.expect(303);
        assert!(out.header("set-cookie").starts_with("jbl_session=;"));
        app.stop().await;
    }
    secrets.extend(
        [
            "kittiwake-text",
            "kittiwake-search",
            "kittiwake-next",
            "kittiwake-new",
            "kittiwake-again",
        ]
        .map(str::to_owned),
    );

    let text = log.text();
    for route in [
        "/conversations/{username}/messages",
        "/api/v1/session",
        "/login",
        "/settings/password",
    ] {
        assert!(text.contains(route), "the log was not captured");
    }
    assert!(
        text.contains("status=500") && text.contains(" ERROR "),
        "no failure was logged"
    );
    assert!(text.contains(" TRACE "), "not all of it was captured");
    for secret in secrets {
        let found = text.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret}");
    }
}

async fn postgres() -> Option<Database> {
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(_) => Some(Database::postgres().await),
        Err(_) => None,
    }
}

/// Everything that holds a secret, right and wrong.
async fn use_it(app: &TestApp, david: &TestClient) {
    let path = "/conversations/jamessmith/messages";
    let api = format!("/api/v1{path}");
    for body in [
        "kittiwake-text",
        "kittiwake-text \u{7}",
        &"kittiwake-text ".repeat(600),
    ] {
        david.post_form(path, &[("body", body)]).await;
        david
            .post_htmx(path, &[("body", body), ("client_id", body)])
            .await;
        david.post_json(&api, &json!({ "body": body })).await;
        david
            .post_json(&api, &json!({ "body": [body], body: 1 }))
            .await;
    }
    for bad in [
        "{\"body\":\"kittiwake-text",
        "kittiwake-text",
        "body=kittiwake-text&body=kittiwake-text",
    ] {
        for kind in [
            "application/json",
            "application/x-www-form-urlencoded",
            "text/plain",
        ] {
            for path in [path, &api, "/conversations/jamessmith/read"] {
                let request = david
                    .request(Method::POST, path)
                    .header("content-type", kind);
                answer(request.body(bad)).await;
            }
        }
    }
    for path in [
        "/conversations",
        "/conversations/jamessmith",
        "/users?q=kittiwake-search",
        "/users?q=a&q=kittiwake-search",
        "/api/v1/users?q=kittiwake-search&limit=kittiwake-search",
        "/nowhere?q=kittiwake-search",
        "/login?next=/kittiwake-next",
        path,
        &api,
    ] {
        david.get(path).await;
    }
    let guess = "kittiwake-guess";
    for [old, new, again] in [
        [guess, "kittiwake-new", "kittiwake-new"],
        ["password", "kittiwake-new", "kittiwake-again"],
    ] {
        let form = [
            ("old_password", old),
            ("new_password", new),
            ("new_password_again", again),
        ];
        david.post_form("/settings/password", &form).await;
    }
    let form = [
        ("username", "davidjones"),
        ("password", guess),
        ("next", "/kittiwake-next"),
    ];
    app.client().post_form("/login", &form).await.expect(401);
    app.client()
        .post_form("/login", &[("username", "nobody"), ("password", guess)])
        .await
        .expect(401);
    for body in [
        json!({ "username": "davidjones", "password": guess }),
        json!({ "username": "davidjones", "password": [guess] }),
        json!({ "username": "davidjones", "pass": guess }),
    ] {
        app.client().post_json("/api/v1/session", &body).await;
    }
}
