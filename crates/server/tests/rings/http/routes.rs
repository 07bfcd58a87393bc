//! Every route of the router, and who may use it.

use std::collections::BTreeSet;

use reqwest::Method;

use super::answers::{bodies, cookie_of, history, is_page, is_problem};
use crate::support::{Answer, Database, TestApp, TestClient, answer, on_both_databases};

#[derive(Clone, Copy, PartialEq)]
enum Who {
    /// Everybody: what a client without a session gets.
    Anybody(u16),
    /// Who is signed in: what they get.
    SignedIn(u16),
}
use Who::{Anybody, SignedIn};

/// With what a member of the conversation sends where something is to be sent.
const ROUTES: [(&str, &str, Who); 39] = [
    ("GET", "/", Anybody(303)),
    ("GET", "/login", Anybody(200)),
    ("POST", "/login", Anybody(401)),
    ("POST", "/logout", Anybody(303)),
    ("GET", "/users", SignedIn(200)),
    ("GET", "/conversations", SignedIn(200)),
    ("GET", "/conversations/{username}", SignedIn(200)),
    ("GET", "/conversations/{username}/messages", SignedIn(200)),
    ("POST", "/conversations/{username}/messages", SignedIn(303)),
    ("POST", "/conversations/{username}/read", SignedIn(303)),
    ("POST", "/conversations/{username}/delivered", SignedIn(204)),
    ("POST", "/conversations/{username}/typing", SignedIn(204)),
    ("GET", "/settings", SignedIn(200)),
    ("POST", "/settings/name", SignedIn(422)),
    ("POST", "/settings/password", SignedIn(422)),
    ("POST", "/settings/receipts", SignedIn(422)),
    ("POST", "/settings/theme", SignedIn(422)),
    ("POST", "/settings/sessions/end", SignedIn(422)),
    ("POST", "/settings/sessions/end-others", SignedIn(303)),
    // Without a session a stream is one event; with one it is followed in `streams`.
    ("GET", "/events", Anybody(200)),
    ("GET", "/assets/{file}", Anybody(404)),
    ("GET", "/healthz", Anybody(200)),
    ("GET", "/readyz", Anybody(200)),
    ("GET", "/api/openapi.json", Anybody(200)),
    ("GET", "/api/docs", Anybody(200)),
    ("GET", "/api/docs/scalar.js", Anybody(200)),
    ("POST", "/api/v1/session", Anybody(422)),
    ("GET", "/api/v1/session", SignedIn(200)),
    ("GET", "/api/v1/users", SignedIn(200)),
    ("GET", "/api/v1/users/{username}", SignedIn(200)),
    ("GET", "/api/v1/conversations", SignedIn(200)),
    ("GET", "/api/v1/conversations/{username}", SignedIn(200)),
    (
        "GET",
        "/api/v1/conversations/{username}/messages",
        SignedIn(200),
    ),
    (
        "POST",
        "/api/v1/conversations/{username}/messages",
        SignedIn(201),
    ),
    (
        "PUT",
        "/api/v1/conversations/{username}/read",
        SignedIn(204),
    ),
    (
        "PUT",
        "/api/v1/conversations/{username}/delivered",
        SignedIn(204),
    ),
    ("GET", "/api/v1/events", SignedIn(200)),
    // Last, as it ends the session that asks.
    ("DELETE", "/api/v1/session", SignedIn(204)),
    ("DELETE", "/api/v1/session", Anybody(401)),
];

#[tokio::test]
async fn every_route_of_the_router_is_in_the_table() {
    let app = TestApp::start(Database::sqlite()).await;
    let mut routes = BTreeSet::new();
    for path in app.paths() {
        // Nothing is looked at, but told what there is.
        let look = Method::from_bytes(b"LOOK").unwrap();
        let refused = answer(app.client().request(look, &filled(&path))).await;
        let allowed = refused.expect(405).header("allow").to_owned();
        assert!(!allowed.is_empty(), "{path}");
        for method in allowed.split(',').map(str::trim).filter(|it| *it != "HEAD") {
            routes.insert(format!("{method} {path}"));
        }
    }
    let table = ROUTES.map(|(method, path, _)| format!("{method} {path}"));
    assert_eq!(routes, table.into());
    app.stop().await;
}

on_both_databases! {
    async fn without_a_session_nothing_is_shown_and_nothing_is_done(app: &TestApp) {
        app.message("davidjones", "jamessmith", "a secret").await;
        let ended = cookie_of(app, "davidjones").await;
        let idle = cookie_of(app, "davidjones").await;
        TestClient::holding(app.address, &ended).post_form("/logout", &[]).await.expect(303);
        app.database.execute("UPDATE sessions SET last_used_at = 0").await;
        let old = cookie_of(app, "davidjones").await;
        app.database.execute("UPDATE sessions SET created_at = 0").await;
        let disabled = cookie_of(app, "marybrown").await;
        app.disable("marybrown").await;
        let made_up = format!("jbl_session={}", "0".repeat(64));

        let cookies = ["", "jbl_session=x", &made_up, &ended, &idle, &old, &disabled];
        for cookie in cookies {
            let client = TestClient::holding(app.address, cookie);
            for (method, path, who) in ROUTES {
                match who {
                    Anybody(status) => drop(ask(&client, method, path).await.expect(status)),
                    SignedIn(_) => is_sent_to_sign_in(&client, method, path).await,
                }
            }
        }
        let david = app.signed_in("davidjones").await;
        let history = history(&david, "jamessmith").await;
        assert_eq!(bodies(&history), ["a secret"]);
    }

    async fn a_member_gets_what_a_route_is_for_and_a_stranger_nothing_of_it(app: &TestApp) {
        app.message("jamessmith", "davidjones", "a secret").await;
        let david = app.signed_in("davidjones").await;
        let mary = app.signed_in("marybrown").await;
        for (method, path, who) in ROUTES {
            // An open stream has no end to wait for.
            if let (SignedIn(status), false) = (who, path.ends_with("/events")) {
                // For a stranger the same path is a conversation of their own.
                let seen = ask(&mary, method, path).await.expect(status);
                assert!(!seen.text.contains("a secret"), "{method} {path}");
                ask(&david, method, path).await.expect(status);
            }
        }
    }

    async fn whoever_is_not_there_is_found_by_no_route(app: &TestApp) {
        app.message("marybrown", "davidjones", "a secret").await;
        app.disable("marybrown").await;
        let david = app.signed_in("davidjones").await;
        let mut asked = 0;
        for (method, path, _) in ROUTES.iter().filter(|(_, path, _)| path.contains("{username}")) {
            let mut said = BTreeSet::new();
            for name in ["marybrown", "nobody.here", "davidjones"] {
                let refused = request(&david, method, path, &path.replace("{username}", name));
                let refused = answer(refused).await;
                if path.starts_with("/api/") {
                    is_problem(&refused, 404);
                } else {
                    is_page(&refused, 404);
                }
                // The form that comes back has a fresh id each time.
                let text = refused.text.replace(name, "NAME");
                let text = text.split_once("name=\"client_id\" value=\"").map_or(
                    text.clone(),
                    |(before, after)| format!("{before}{}", &after[36..]),
                );
                said.insert(text);
                asked += 1;
            }
            assert_eq!(said.len(), 1, "{method} {path}: {said:#?}");
        }
        assert_eq!(asked, 36);
        let inbox = david.get("/api/v1/conversations").await.json();
        assert_eq!(inbox["items"], serde_json::json!([]));
    }

    async fn no_write_is_done_for_another_site(app: &TestApp) {
        app.message("jamessmith", "davidjones", "before").await;
        let client = TestClient::holding(app.address, &cookie_of(app, "davidjones").await);
        for (method, path, _) in ROUTES.iter().filter(|(method, ..)| *method != "GET") {
            for (header, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://evil.example"),
                ("origin", "null"),
            ] {
                let sent = request(&client, method, path, &filled(path)).header(header, value);
                let refused = answer(sent).await;
                if path.starts_with("/api/") {
                    is_problem(&refused, 403);
                } else {
                    is_page(&refused, 403);
                }
            }
        }
        assert_eq!(bodies(&history(&client, "jamessmith").await), ["before"]);
    }
}

/// A request that a member of the conversation may make.
async fn ask(client: &TestClient, method: &str, path: &str) -> Answer {
    answer(request(client, method, path, &filled(path))).await
}

/// The request of this route, to this address.
fn request(client: &TestClient, method: &str, path: &str, to: &str) -> reqwest::RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    with_body(client.request(method, to), path)
}

fn with_body(request: reqwest::RequestBuilder, path: &str) -> reqwest::RequestBuilder {
    let is_position = path.ends_with("/read") || path.ends_with("/delivered");
    if path.starts_with("/api/") {
        let body = if is_position {
            r#"{"seq":1}"#
        } else {
            r#"{"body":"x"}"#
        };
        request
            .header("content-type", "application/json")
            .body(body)
    } else {
        request.form(&[if is_position {
            ("seq", "1")
        } else {
            ("body", "x")
        }])
    }
}

fn filled(path: &str) -> String {
    path.replace("{username}", "jamessmith")
        .replace("{file}", "x")
}

async fn is_sent_to_sign_in(client: &TestClient, method: &str, path: &str) {
    let refused = ask(client, method, path).await;
    if path.starts_with("/api/") {
        is_problem(&refused, 401);
        return;
    }
    let refused = refused.expect(303);
    assert_eq!(refused.text, "");
    if method == "GET" {
        assert_eq!(next_of(refused.header("location")), filled(path));
    } else {
        // Where a form goes to is not always a page; the one it stood on is.
        let referer = "http://chat.example/conversations/jamessmith?a=b";
        let request = client.request(method.parse().unwrap(), &filled(path));
        let sent = with_body(request.header("referer", referer), path);
        let refused = answer(sent).await.expect(303);
        let next = next_of(refused.header("location"));
        assert_eq!(next, "/conversations/jamessmith?a=b");
    }

    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client
        .request(method, &filled(path))
        .header("hx-request", "true")
        .header("hx-current-url", "http://chat.example/users?q=a&b");
    let refused = answer(with_body(request, path)).await.expect(401);
    assert_eq!(refused.text, "");
    assert_eq!(next_of(refused.header("hx-redirect")), "/users?q=a&b");
}

/// Where the sign-in form would lead on to.
fn next_of(location: &str) -> String {
    assert!(location.starts_with("/login"), "{location}");
    let url = url::Url::parse("http://chat.example")
        .unwrap()
        .join(location)
        .unwrap();
    let next = url.query_pairs().find(|(name, _)| name == "next");
    next.map(|(_, next)| next.into_owned()).unwrap_or_default()
}
