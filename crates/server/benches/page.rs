//! The page of a conversation, from the request to the last byte, without a socket: `cargo bench
//! -p server`. On the same `SQLite` file as the queries it is made of.

#[path = "../../storage/benches/sqlite/house.rs"]
mod house;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use criterion::Criterion;
use server::schema::Schema;
use server::settings::RateLimit;
use server::wiring::{Settings, wire};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use house::House;

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("chat.db").display());
    let house = runtime.block_on(House::build(&url));
    let router = runtime.block_on(router(&url, &house));
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    pages(&mut criterion, &runtime, &house, &router);
    criterion.final_summary();
}

fn pages(criterion: &mut Criterion, runtime: &Runtime, house: &House, router: &Router) {
    let cookie = format!("jbl_session={}", house.token.expose());
    let peer = &house.peers[0];
    let conversation = format!("/conversations/{}", peer.username.as_str());
    let mut group = criterion.benchmark_group("page");
    for (what, path) in [
        ("a conversation, drawn before", conversation.as_str()),
        ("the inbox", "/conversations"),
    ] {
        group.bench_function(what, |bencher| {
            bencher.iter(|| runtime.block_on(read(router, path, &cookie)));
        });
    }
    group.bench_function("a conversation with a new message", |bencher| {
        bencher.iter_custom(|times| {
            let mut taken = Duration::ZERO;
            for _ in 0..times {
                runtime.block_on(house.send(peer));
                let begun = Instant::now();
                runtime.block_on(read(router, &conversation, &cookie));
                taken += begun.elapsed();
            }
            taken
        });
    });
    group.finish();
}

async fn read(router: &Router, path: &str, cookie: &str) {
    let request = Request::get(path)
        .header(header::HOST, "chat.example")
        .header(header::COOKIE, cookie)
        .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))))
        .body(Body::empty())
        .expect("a request");
    let answer = router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let page = to_bytes(answer.into_body(), usize::MAX).await;
    assert!(!page.expect("a page").is_empty());
}

async fn router(url: &str, house: &House) -> Router {
    let database = url.parse().expect("a URL");
    let schema = Schema::of_existing(&database).await.expect("a schema");
    let settings = Settings {
        public_url: "http://chat.example".parse().expect("a URL"),
        trusted_proxies: Vec::new(),
        nats: None,
        send_rate: RateLimit::Off,
        login_rate: RateLimit::Off,
    };
    web::router(wire(&house.store, schema, settings).app)
}
