//! Headers of every answer.

use std::collections::BTreeMap;

use reqwest::Method;
use uuid::Uuid;

use crate::support::{Answer, Database, TestApp, TestClient, Wish, answer};

/// What the headers say, but for what differs from one answer to the next.
fn fixed(answer: &Answer) -> BTreeMap<String, String> {
    let changing = ["date", "content-length", "x-request-id", "set-cookie"];
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !changing.contains(&name.as_str()));
    headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect()
}

const SECURITY: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

fn expected(more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let all = SECURITY.iter().chain(more);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

const PRIVATE: [(&str, &str); 2] = [
    ("cache-control", "no-store"),
    ("vary", "Accept-Encoding, Cookie, HX-Request, HX-Target"),
];

#[tokio::test]
async fn pages_pieces_json_and_errors_are_private_and_locked_down() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    let david = app.signed_in("davidjones").await;
    let messages = "/conversations/jamessmith/messages";
    let unreadable = david.request(Method::POST, "/api/v1/session").body("x");
    let cross = david
        .request(Method::POST, "/logout")
        .header("sec-fetch-site", "cross-site");
    let (html, json, problem) = (
        "text/html; charset=utf-8",
        "application/json",
        "application/problem+json",
    );
    for (seen, kind) in [
        (david.get("/conversations").await, html),
        (david.get("/conversations/jamessmith").await, html),
        (david.get_pane("/conversations/jamessmith").await, html),
        (david.get_pane(messages).await, html),
        (david.get("/users").await, html),
        (david.get("/nowhere").await, html),
        (david.post_form(messages, &[("body", "")]).await, html),
        (answer(cross).await, html),
        (app.client().get("/login").await, html),
        (david.get("/api/v1/session").await, json),
        (
            david.get("/api/v1/conversations/jamessmith/messages").await,
            json,
        ),
        (app.client().get("/api/v1/session").await, problem),
        (david.get("/api/nowhere").await, problem),
        (answer(unreadable).await, problem),
        (david.get("/healthz").await, json),
    ] {
        let more = [&PRIVATE[..], &[("content-type", kind)]].concat();
        assert_eq!(fixed(&seen), expected(&more), "{}", seen.text);
    }
    let redirect = app.client().get("/users").await.expect(303);
    let more = [&PRIVATE[..], &[("location", "/login?next=%2Fusers")]].concat();
    assert_eq!(fixed(&redirect), expected(&more));
    let method = answer(david.request(Method::PUT, "/users"))
        .await
        .expect(405);
    let more = [
        &PRIVATE[..],
        &[("content-type", html), ("allow", "GET,HEAD")],
    ]
    .concat();
    assert_eq!(fixed(&method), expected(&more));
    app.stop().await;
}

#[tokio::test]
async fn only_the_page_to_read_the_api_may_style_itself() {
    let app = TestApp::start(Database::sqlite()).await;
    let docs = app.client().get("/api/docs").await.expect(200);
    let mut headers = fixed(&docs);
    let policy = headers.remove("content-security-policy").unwrap();
    assert!(policy.contains("style-src 'self' 'unsafe-inline'") && !policy.contains("unsafe-eval"));
    assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"));
    let mut wanted = expected(&[("content-type", "text/html; charset=utf-8")]);
    wanted.extend(PRIVATE.map(|(name, value)| (name.to_owned(), value.to_owned())));
    wanted.remove("content-security-policy");
    assert_eq!(headers, wanted);
    app.stop().await;
}

#[tokio::test]
async fn over_https_every_answer_asks_for_https() {
    let wish = Wish {
        public_url: Some("https://chat.example"),
        ..Wish::default()
    };
    let app = TestApp::start_as(Database::sqlite(), wish).await;
    for path in [
        "/login",
        "/users",
        "/nowhere",
        "/api/v1/session",
        "/healthz",
        "/assets/x",
    ] {
        let seen = app.client().get(path).await;
        let hsts = "max-age=63072000";
        assert_eq!(seen.header("strict-transport-security"), hsts, "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn assets_stay_for_ever_and_are_small() {
    let app = TestApp::start(Database::sqlite()).await;
    let client = app.client();
    let page = client.get("/login").await;
    let names: Vec<&str> = page.text.split("\"/assets/").skip(1).collect();
    let names: Vec<&str> = names
        .iter()
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(names.len(), 4, "{}", page.text);
    for name in names {
        let path = format!("/assets/{name}");
        let plain = client.get(&path).await.expect(200);
        let kind = match name.rsplit_once('.').unwrap().1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "webmanifest" => "application/manifest+json",
            _ => "image/svg+xml",
        };
        let whole = [
            ("cache-control", "public, max-age=31536000, immutable"),
            ("vary", "Accept-Encoding"),
            ("content-type", kind),
        ];
        assert_eq!(fixed(&plain), expected(&whole), "{name}");
        let zipped = client
            .request(Method::GET, &path)
            .header("accept-encoding", "br, gzip;q=0.5");
        let response = zipped.send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], "gzip", "{name}");
        assert_eq!(response.headers()["vary"], "Accept-Encoding");
        let bytes = response.bytes().await.unwrap();
        assert!(
            bytes.starts_with(&[0x1f, 0x8b]) && bytes.len() < plain.text.len(),
            "{name}"
        );
        // Another content would have another name.
        let digits = name.split('.').nth(1).unwrap();
        client
            .get(&path.replace(digits, "0000000000000000"))
            .await
            .expect(404);
    }
    for path in [
        "/assets/",
        "/assets/app.js",
        "/assets/..%2Fapp.js",
        "/assets/%2e%2e/x",
    ] {
        client.get(path).await.expect(404);
    }
    app.stop().await;
}

#[tokio::test]
async fn pages_and_lists_are_compressed_for_who_takes_it_and_streams_never_are() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    let encoding = async |client: &TestClient, path: &str, accepted: &str| {
        let request = client.request(Method::GET, path);
        let request = request.header("accept-encoding", accepted);
        let response = request.send().await.unwrap();
        let encoding = response.headers().get("content-encoding");
        let encoding = encoding.map(|value| value.to_str().unwrap().to_owned());
        (encoding, response.bytes().await.unwrap())
    };
    let page = "/conversations/jamessmith";
    let (plain, zipped) = (
        encoding(&david, page, "identity").await,
        encoding(&david, page, "gzip, br").await,
    );
    assert_eq!((plain.0, zipped.0.as_deref()), (None, Some("gzip")));
    assert!(zipped.1.starts_with(&[0x1f, 0x8b]) && zipped.1.len() < plain.1.len());
    let (stream, told) = encoding(&app.client(), "/events", "gzip").await;
    assert_eq!(stream, None);
    assert!(told.starts_with(b"event: session-ended"));
    app.stop().await;
}

#[tokio::test]
async fn every_answer_has_an_id_that_is_ours() {
    let app = TestApp::start(Database::sqlite()).await;
    let mut ids = vec![];
    for path in [
        "/login",
        "/users",
        "/nowhere",
        "/api/v1/session",
        "/healthz",
    ] {
        let seen = app.client().get(path).await;
        let id = Uuid::parse_str(seen.header("x-request-id")).unwrap();
        assert_eq!(id.get_version_num(), 7);
        ids.push(id);
        let asked = app
            .client()
            .request(Method::GET, path)
            .header("x-request-id", "mine-7");
        // What a client makes up is not an id that the log can be searched by.
        let given = answer(asked).await;
        ids.push(Uuid::parse_str(given.header("x-request-id")).unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 10);
    app.stop().await;
}
