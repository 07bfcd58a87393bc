//! What the bench knows of pages, lists, answers and events, held against the server as it is:
//! else a page that is written in another way is noticed only when somebody measures again.

use std::future;
use std::time::Duration;

use server::listener;
use server::schema::Schema;
use server::settings::RateLimit;
use server::wiring::{Settings, wire};
use storage::Store;
use tokio::net::TcpListener;

use super::arrivals::{Arrivals, Listening};
use super::closed_loop::Lane;
use super::http::Connection;
use super::listing::Listing;
use super::people::{self, Person};
use super::reading::ReadingOnce;
use super::sending::Way;
use super::{house, inbox, page, sending, stored};
use crate::seed::Plan;

#[tokio::test]
async fn pages_and_lists_show_what_the_bench_looks_for() {
    let (server, people) = Server::start(60, 100, 2_000, 1).await;
    let reader = &people[0];
    let mut connection = Connection::open(&server.address).await.unwrap();

    let sides = inbox::long_sides(&mut connection, &people).await.unwrap();
    for mut lane in page::begin(&mut connection, &sides).await.unwrap() {
        answered(&mut lane, &mut connection).await;
    }
    let mut search = Listing::search(&mut connection, reader, "mar")
        .await
        .unwrap();
    assert!(search.entries() > 0);
    answered(&mut search, &mut connection).await;
    let somebody = Listing::search_for_somebody(&mut connection, reader).await;
    answered(&mut somebody.unwrap(), &mut connection).await;
    let own = inbox::sides(&mut connection, reader).await.unwrap();
    assert!(own.len() >= 5);
    for (path, entries) in [("/conversations", own.len().min(50)), ("/users", 50)] {
        answered(&mut Listing::of(reader, path, entries), &mut connection).await;
    }
}

#[tokio::test]
async fn what_is_sent_is_answered_told_stored_and_shown_as_the_bench_expects() {
    let (server, people) = Server::start(2, 1, 60, 2).await;
    let streams = people
        .iter()
        .cloned()
        .map(|one| (one, server.address.clone()));
    let streams = people::open_streams(streams).await.unwrap();
    let (arrivals, mut listening) = (Arrivals::default(), Listening::default());
    arrivals.listen(streams, &mut listening);
    let mut connection = Connection::open(&server.address).await.unwrap();

    let mut acknowledged = Vec::new();
    for way in [Way::Json, Way::Form] {
        let mut lane = sending::lanes(&people, way).unwrap().remove(0);
        answered(&mut lane, &mut connection).await;
        acknowledged.extend(lane.acknowledged);
    }
    let told = arrivals.wait_for(2 * acknowledged.len(), Duration::from_secs(10));
    told.await.unwrap();
    listening.all_is_well().unwrap();
    let newest = stored::text_of(acknowledged[1].client_id);
    let stored = stored::exactly_once(&server.address, acknowledged);
    stored.await.unwrap();

    let side = inbox::long_sides(&mut connection, &people)
        .await
        .unwrap()
        .remove(0);
    let mut lane = ReadingOnce(vec![(side, newest)]);
    answered(&mut lane, &mut connection).await;
}

/// Asks once.
async fn answered(lane: &mut impl Lane, connection: &mut Connection) {
    let request = lane.next().unwrap();
    let answer = connection.ask(&request).await.unwrap();
    lane.check(answer).unwrap();
}

/// The server itself, in this process; it ends with the test.
struct Server {
    address: String,
    _folder: tempfile::TempDir,
}

impl Server {
    /// On made-up data, with the first people signed in.
    async fn start(
        users: u32,
        conversations: u32,
        messages: u64,
        signed_in: u32,
    ) -> (Self, Vec<Person>) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("chat.db").display());
        let plan = Plan::new(users, conversations, messages, 1).unwrap();
        house::fill(&url, plan).await.unwrap();

        let schema = Schema::of_existing(&url.parse().unwrap()).await.unwrap();
        let store = Store::open(&url).await.unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let settings = Settings {
            public_url: format!("http://{address}").parse().unwrap(),
            trusted_proxies: Vec::new(),
            nats: None,
            send_rate: RateLimit::Off,
            login_rate: RateLimit::Off,
        };
        let router = web::router(wire(&store, schema, settings).app);
        let never = future::pending();
        tokio::spawn(listener::serve(socket, router, never, Duration::ZERO));

        let people = people::sign_in(&address, signed_in).await.unwrap();
        let server = Self {
            address,
            _folder: folder,
        };
        (server, people)
    }
}
