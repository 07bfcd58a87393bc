//! Nonsense at every door: it is refused, and nothing breaks, drops the connection or is stored.

use std::fmt::Write as _;

use super::answers::{bodies, cookie_of, history};
use crate::support::{TestApp, on_both_databases, raw};

/// Bytes that look random and are the same each time.
struct Bytes(u64);

impl Bytes {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").unwrap();
        text
    })
}

/// For a part of a path or the value of a field: none of it may be sent as a message.
fn words(bytes: &mut Bytes) -> Vec<String> {
    let mut words = vec![
        "%00".to_owned(),
        "%07%FF%FE".to_owned(),
        "%C3%28%00".to_owned(),
        "%ED%A0%80%1B".to_owned(),
        "%zz%0%01".to_owned(),
        "%2e%2e%2f%2e%2e%2f%00".to_owned(),
        "%20".to_owned(),
        "%0A".to_owned(),
        format!("%00{}", "9".repeat(400)),
        "x".repeat(9_000),
        "%F0%9F%98%80".repeat(900) + "%00",
        "%7F'%22%3C%3E;--%25_%5C".to_owned(),
        "{{7*7}}%08".to_owned(),
    ];
    // 4 KiB in all, as long as a head may carry it.
    words.extend((0..8).map(|_| escaped(&bytes.take(512)) + "%00"));
    words
}

fn documents(bytes: &mut Bytes) -> Vec<Vec<u8>> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(5_000), close.repeat(5_000));
    let mut documents: Vec<Vec<u8>> = [
        String::new(),
        deep("[", "]"),
        deep("{\"body\":", "}"),
        format!("{{\"body\":{}}}", deep("[", "]")),
        format!("{{\"seq\":{}}}", "9".repeat(4_000)),
        "{\"seq\":-1e400}".to_owned(),
        "{\"seq\":1e18,\"body\":1e18,\"username\":1e18,\"password\":-0}".to_owned(),
        "{\"seq\":9223372036854775807,\"body\":\"\\u0000\"}".to_owned(),
        "{\"seq\":-9223372036854775808,\"body\":\"\\ud800\"}".to_owned(),
        format!("{{\"{}\":1}}", "k".repeat(4_000)),
        format!(
            "{{\"username\":\"{}\",\"password\":\"\\u0000\"}}",
            "u".repeat(4_000)
        ),
        "{\"username\":null,\"password\":null,\"body\":null,\"seq\":null}".to_owned(),
        "{\"__proto__\":{\"body\":\"x\"}}".to_owned(),
        "\u{feff}{}".to_owned(),
    ]
    .map(String::into_bytes)
    .into();
    documents.extend((0..4).map(|_| bytes.take(4_096)));
    documents
}

const FIELDS: [&str; 20] = [
    "q",
    "after",
    "before",
    "limit",
    "cursor",
    "next",
    "body",
    "client_id",
    "seq",
    "username",
    "password",
    "display_name",
    "old_password",
    "new_password",
    "new_password_again",
    "read_receipts",
    "theme",
    "session",
    "done",
    "x",
];

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

struct Door<'a> {
    app: &'a TestApp,
    cookie: String,
}

impl Door<'_> {
    async fn knock(&self, method: &str, target: &str, headers: &str, body: &[u8]) {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: a\r\ncookie: {}\r\nconnection: close\r\n\
             content-length: {}\r\n{headers}\r\n",
            self.cookie,
            body.len(),
        );
        let answer = raw(self.app.address, &[head.as_bytes(), body].concat()).await;
        let shown: String = format!("{method} {target}").chars().take(200).collect();
        assert!(
            (200..500).contains(&answer.status.as_u16()),
            "{shown}: {}",
            answer.text
        );
    }
}

async fn everywhere(app: &TestApp, seed: u64, what: impl AsyncFn(&Door<'_>, &str, &mut Bytes)) {
    let mut bytes = Bytes(seed);
    // An open stream has no end to wait for; what it is asked with is tried in `streams`.
    for path in app
        .paths()
        .into_iter()
        .filter(|path| !path.ends_with("/events"))
    {
        // Each path has a session of its own, as some end it.
        let cookie = cookie_of(app, "davidjones").await;
        what(&Door { app, cookie }, &path, &mut bytes).await;
    }
    let david = app.signed_in("davidjones").await;
    assert_eq!(bodies(&history(&david, "jamessmith").await), [""; 0]);
    let inbox = david.get("/api/v1/conversations").await.expect(200).json();
    assert_eq!(inbox["items"], serde_json::json!([]));
}

fn real(path: &str) -> String {
    path.replace("{username}", "jamessmith")
        .replace("{file}", "x")
}

on_both_databases! {
    async fn in_paths(app: &TestApp) {
        everywhere(app, 1, async |door, path, bytes| {
            for word in words(bytes) {
                let target = if path.contains('{') {
                    path.replace("{username}", &word).replace("{file}", &word)
                } else {
                    format!("{}/{word}", path.trim_end_matches('/'))
                };
                for method in METHODS {
                    door.knock(method, &target, "", b"").await;
                }
            }
        })
        .await;
    }

    async fn in_queries(app: &TestApp) {
        everywhere(app, 2, async |door, path, bytes| {
            let mut words = words(bytes);
            words.extend(["AAAA", "AAAAAAAAAAAAAAAAAAAAAA", "-1", "1e9", "{}"].map(str::to_owned));
            for (word, field) in words.iter().zip(FIELDS.iter().cycle()) {
                let all = FIELDS.map(|field| format!("{field}={word}")).join("&");
                let all: String = all.chars().take(12_000).collect();
                let one = format!("{field}={word}");
                for query in [all, word.clone(), format!("{one}&{one}"), one, "&=&&=".to_owned()] {
                    door.knock("GET", &format!("{}?{query}", real(path)), "", b"").await;
                }
            }
        })
        .await;
    }

    async fn in_forms(app: &TestApp) {
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        everywhere(app, 3, async |door, path, bytes| {
            for (word, field) in words(bytes).iter().zip(FIELDS.iter().cycle()) {
                let all = FIELDS.map(|field| format!("{field}={word}")).join("&");
                let one = format!("{field}={word}");
                for form_body in [all, format!("{one}&{one}"), one] {
                    door.knock("POST", &real(path), form, form_body.as_bytes()).await;
                }
            }
            for document in documents(bytes) {
                door.knock("POST", &real(path), form, &document).await;
            }
        })
        .await;
    }

    async fn in_json(app: &TestApp) {
        let json = "content-type: application/json\r\n";
        everywhere(app, 4, async |door, path, bytes| {
            for document in documents(bytes) {
                for method in METHODS {
                    door.knock(method, &real(path), json, &document).await;
                }
            }
        })
        .await;
    }

    async fn in_headers(app: &TestApp) {
        everywhere(app, 5, async |door, path, bytes| {
            let printable: String = bytes
                .take(512)
                .iter()
                .map(|byte| char::from(b' ' + byte % 95))
                .collect();
            for name in [
                "x-request-id", "x-forwarded-for", "hx-request", "hx-target", "hx-current-url",
                "idempotency-key", "accept", "accept-encoding", "cookie", "referer", "range",
                "if-none-match", "sec-fetch-site", "origin", "content-type", "last-event-id",
            ] {
                for value in [printable.as_str(), "\u{e9}\u{1f600},,b;;=\"99999999999999999999"] {
                    let header = format!("{name}: {value}\r\n");
                    door.knock("GET", &real(path), &header, b"").await;
                    let (kind, body) = if path.starts_with("/api/") {
                        ("application/json", r#"{"body":"\u0000"}"#)
                    } else {
                        ("application/x-www-form-urlencoded", "body=%00")
                    };
                    let header = match name {
                        "content-type" => header,
                        _ => format!("{header}content-type: {kind}\r\n"),
                    };
                    // An attempt to sign in costs a password's hash.
                    if path != "/login" {
                        door.knock("POST", &real(path), &header, body.as_bytes()).await;
                    }
                }
            }
        })
        .await;
    }
}
