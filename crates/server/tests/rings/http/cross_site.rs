//! Writes that another site sends with the visitor's cookie.

use reqwest::{Method, RequestBuilder};

use super::answers::{bodies, cookie_of, history, is_fragment, is_page, is_problem};
use crate::support::Database;
use crate::support::{TestApp, TestClient, Wish, answer, on_both_databases};

/// Everything that changes something; each would be done, in this order, if it came from a page of
/// our own.
const WRITES: [(&str, &str, &str); 12] = [
    ("POST", "/conversations/jamessmith/messages", "body=x"),
    ("POST", "/conversations/jamessmith/read", "seq=1"),
    (
        "POST",
        "/api/v1/conversations/jamessmith/messages",
        r#"{"body":"x"}"#,
    ),
    (
        "PUT",
        "/api/v1/conversations/jamessmith/read",
        r#"{"seq":1}"#,
    ),
    ("POST", "/settings/name", "display_name=Evil"),
    ("POST", "/settings/receipts", "read_receipts=off"),
    ("POST", "/settings/theme", "theme=dark"),
    ("POST", "/settings/sessions/end-others", ""),
    ("DELETE", "/api/v1/session", ""),
    ("POST", "/logout", ""),
    ("POST", "/login", "username=marybrown&password=password"),
    (
        "POST",
        "/api/v1/session",
        r#"{"username":"marybrown","password":"password"}"#,
    ),
];

fn write(client: &TestClient, (method, path, body): (&str, &str, &'static str)) -> RequestBuilder {
    let kind = if path.starts_with("/api/") {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    client
        .request(method, path)
        .header("content-type", kind)
        .body(body)
}

on_both_databases! {
    async fn what_comes_from_elsewhere_is_refused_and_nothing_is_done(app: &TestApp) {
        app.message("jamessmith", "davidjones", "before").await;
        let cookie = cookie_of(app, "davidjones").await;
        let client = TestClient::holding(app.address, &cookie);
        let other_port = format!("http://127.0.0.1:{}", app.address.port() ^ 1);
        let other_scheme = format!("https://evil.{}", app.address);
        let elsewhere: [&[(&str, &str)]; 10] = [
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "nonsense")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", &other_port)],
            &[("origin", &other_scheme)],
            &[("origin", "nonsense")],
            &[("origin", "file://")],
        ];
        for from in elsewhere {
            for one in WRITES {
                let dressed = |request: RequestBuilder| {
                    from.iter().fold(request, |request, (name, value)| request.header(*name, *value))
                };
                let refused = answer(dressed(write(&client, one))).await;
                assert!(refused.headers.get("set-cookie").is_none(), "{one:?}");
                if one.1.starts_with("/api/") {
                    is_problem(&refused, 403);
                } else {
                    is_page(&refused, 403);
                    let htmx = write(&client, one).header("hx-request", "true");
                    is_fragment(&answer(dressed(htmx)).await, 403);
                }
            }
        }
        assert_eq!(bodies(&history(&client, "jamessmith").await), ["before"]);
        let conversation = client.get("/api/v1/conversations/jamessmith").await.json();
        assert_eq!(conversation["unread"], 1);
    }

    async fn what_comes_from_our_own_pages_or_from_no_page_is_done(app: &TestApp) {
        app.message("jamessmith", "davidjones", "before").await;
        let own = app.url("");
        let ours: [&[(&str, &str)]; 5] = [
            &[],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", &own)],
            &[("origin", &own), ("sec-fetch-site", "same-origin")],
        ];
        for from in ours {
            let client = TestClient::holding(app.address, &cookie_of(app, "davidjones").await);
            for one in WRITES {
                let request = from.iter().fold(write(&client, one), |request, (name, value)| {
                    request.header(*name, *value)
                });
                let done = answer(request).await;
                assert!([201, 204, 303].contains(&done.status.as_u16()), "{one:?}: {}", done.text);
            }
        }
    }
}

#[tokio::test]
async fn behind_a_proxy_the_public_address_is_our_own() {
    let wish = Wish {
        public_url: Some("https://chat.example"),
        ..Wish::default()
    };
    let app = TestApp::start_as(Database::sqlite(), wish).await;
    for (origin, status) in [
        ("https://chat.example", 401),
        ("http://chat.example", 403),
        ("https://evil.chat.example", 403),
        ("https://chat.example.evil", 403),
        ("https://chat.example:8443", 403),
    ] {
        let form = [("username", "davidjones"), ("password", "wrong")];
        let request = app.client().request(Method::POST, "/login").form(&form);
        answer(request.header("origin", origin))
            .await
            .expect(status);
    }
    app.stop().await;
}

#[tokio::test]
async fn another_site_may_lead_here_but_reads_nothing() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    for path in ["/conversations", "/api/v1/users"] {
        let request = david
            .request(Method::GET, path)
            .header("origin", "https://evil.example");
        let seen = answer(request.header("sec-fetch-site", "cross-site"))
            .await
            .expect(200);
        for (name, _) in &seen.headers {
            assert!(!name.as_str().starts_with("access-control-"), "{name}");
        }
        assert_eq!(seen.header("cross-origin-resource-policy"), "same-origin");
    }
    app.stop().await;
}
