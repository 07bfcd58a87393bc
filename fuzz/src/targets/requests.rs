//! Whole requests, through the router as it serves, to a real database: everything that reads a
//! path, a query, a header, a form or a JSON body, and everything that is drawn from it.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request};
use domain::sessions::{NewSession, PasswordHash, SessionId, SessionToken};
use domain::users::{Added, DisplayName, NewUser, UserId, Username};
use domain::{Clock, Ids, RandomIds, SystemClock};
use migrations::sea_orm_migration::MigratorTrait;
use server::schema::Schema;
use server::wiring::{Settings, wire};
use storage::Store;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// With this after it, what would begin a tag or end an attribute (`<`, `"`) must never come out as it went
/// in. It stands in the dictionary.
const MARK: &str = "x9q";

const METHODS: [Method; 4] = [Method::GET, Method::POST, Method::PUT, Method::DELETE];

const HEADERS: [&str; 16] = [
    "accept",
    "accept-encoding",
    "cookie",
    "hx-current-url",
    "hx-request",
    "hx-target",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "origin",
    "range",
    "referer",
    "sec-fetch-site",
    "x-forwarded-for",
    "x-request-id",
    "content-type",
];

/// Where all of it runs, so that what was begun goes on with the next input.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let built = Builder::new_current_thread().enable_all().build();
        built.expect("a runtime")
    });
    &RUNTIME
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| runtime().block_on(Stage::set()));

/// A server that nobody listens to, and who is in it.
struct Stage {
    router: Router,
    paths: Vec<String>,
    store: Store,
    david: UserId,
    hash: PasswordHash,
    _folder: TempDir,
}

/// The input: which route and how, then path, query, header and body, with a byte between them
/// that no UTF-8 has in it.
pub fn run(input: &[u8]) {
    let [path, how, header, rest @ ..] = input else {
        return;
    };
    let stage = &*STAGE;
    let path = &stage.paths[usize::from(*path) % stage.paths.len()];
    let method = &METHODS[usize::from(*how) % METHODS.len()];
    let mut parts = rest.splitn(4, |byte| *byte == 0xfe);
    let mut next = || parts.next().unwrap_or_default();
    let (word, query, value, body) = (next(), next(), next(), next());

    let path = path
        .replace(
            "{username}",
            &escaped(if word.is_empty() { b"jamessmith" } else { word }),
        )
        .replace("{file}", &escaped(word));
    let query = String::from_utf8_lossy(query).replace(|c: char| !c.is_ascii_graphic(), "%20");
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{path}?{query}").replace('#', "%23"));
    let is_api = path.starts_with("/api");
    let kind = if is_api {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    request = request.header("content-type", kind);
    if how & 0x80 != 0 {
        request = request.header("hx-request", "true");
    }
    if let Ok(value) = HeaderValue::from_bytes(value) {
        let name = HEADERS[usize::from(*header) % HEADERS.len()];
        request = request.header(HeaderName::from_static(name), value);
    }
    runtime().block_on(stage.try_out(request, body));
}

impl Stage {
    async fn set() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite://{}/chat.db", folder.path().display());
        let connection = migrations::connect(&url).await.expect("a database");
        migrations::Migrator::up(&connection, None)
            .await
            .expect("a schema");
        let schema = Schema::of_existing(&url.parse().expect("a URL"))
            .await
            .expect("a schema");
        let store = Store::open(&url).await.expect("a store");
        let hash = PasswordHash::from_stored("!");
        let david = add(&store, "davidjones", &hash).await;
        add(&store, "jamessmith", &hash).await;

        let settings = Settings {
            public_url: "http://chat.example".parse().expect("a URL"),
            trusted_proxies: vec!["0.0.0.0/0".parse().expect("a net")],
            nats: None,
            send_rate: "off".parse().expect("a rate"),
            // Checking a password takes longer than all the rest.
            login_rate: "1/h".parse().expect("a rate"),
        };
        let router = web::router(wire(&store, schema, settings).app);
        let paths = paths(&router);
        assert!(paths.len() > 20, "{paths:?}");
        Self {
            router,
            paths,
            store,
            david,
            hash,
            _folder: folder,
        }
    }

    async fn try_out(&self, request: axum::http::request::Builder, body: &[u8]) {
        let token = self.session().await;
        let cookie = format!("jbl_session={}", token.expose());
        let Ok(request) = request
            .header("cookie", cookie)
            .body(Body::from(body.to_owned()))
        else {
            return;
        };
        let shown = format!("{} {}", request.method(), request.uri());
        let is_api = request.uri().path().starts_with("/api/");
        let Ok(answer) = self.router.clone().oneshot(request).await;
        let status = answer.status().as_u16();
        assert!(status < 500, "{shown}: {status}");
        let kind = answer.headers().get("content-type").cloned();
        let kind = kind
            .as_ref()
            .map_or("", |kind| kind.to_str().expect("printable"));
        if kind == "text/event-stream" {
            return;
        }
        let is_problem = kind == "application/problem+json";
        assert_eq!(
            is_api && status >= 400,
            is_problem,
            "{shown}: {status} {kind}"
        );
        let zipped = answer.headers().contains_key("content-encoding");
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX)
            .await
            .expect("a body");
        if kind.ends_with("json") && !zipped {
            let value: serde_json::Value = serde_json::from_slice(&bytes).expect("it says JSON");
            assert!(!is_problem || value["status"] == status, "{shown}: {value}");
        }
        if kind.starts_with("text/html") && !zipped {
            let text = std::str::from_utf8(&bytes).expect("it says UTF-8");
            for broken_out in ["<", "\""] {
                assert!(
                    !text.contains(&format!("{broken_out}{MARK}")),
                    "{shown}: {text}"
                );
            }
        }
    }

    /// A new one for each request, as some end theirs.
    async fn session(&self) -> SessionToken {
        let now = SystemClock.now();
        let token = RandomIds.session_token();
        let session = NewSession {
            id: SessionId(RandomIds.uuid(now)),
            token: token.clone(),
            user: self.david,
            proved_by: self.hash.clone(),
            created_at: now,
        };
        let begun = self.store.sessions().begin(&session, None).await;
        begun.expect("a session");
        token
    }
}

async fn add(store: &Store, name: &str, hash: &PasswordHash) -> UserId {
    let now = SystemClock.now();
    let username = Username::parse(name).expect("a name");
    let user = NewUser {
        id: UserId(RandomIds.uuid(now)),
        display_name: DisplayName::of_username(&username),
        username,
        password_hash: hash.clone(),
        created_at: now,
        enabled: true,
    };
    assert_eq!(store.users().add(&user).await.expect("a store"), Added::New);
    user.id
}

/// Every path there is, as the router holds it.
fn paths(router: &Router) -> Vec<String> {
    let listing = format!("{router:?}");
    let (_, paths) = listing.split_once("paths: {").expect("a list of paths");
    let (paths, _) = paths.split_once("\"}").expect("its end");
    let mut paths: Vec<String> = paths
        .split('"')
        .filter(|piece| piece.starts_with('/'))
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths
}

fn escaped(word: &[u8]) -> String {
    let escape = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'@' | b'+' | b'%' => {
            char::from(*byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    word.iter().map(escape).collect()
}
