//! R10: the clock jumps back an hour.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::{Clock, SystemClock, Timestamp};

use super::crowd::Crowd;
use super::proxy::Proxy;
use super::reader::Reader;
use super::writing::{read, write, write_many};
use crate::support::{Database, TestApp, TestClient, Wish};

const SENDERS: usize = 8;
const HOUR: Duration = Duration::from_hours(1);
const SOON: Duration = Duration::from_secs(10);

/// The machine's clock, and once it has jumped, an hour less.
#[derive(Default)]
struct JumpingClock(AtomicBool);

impl JumpingClock {
    fn jump(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now();
        if self.0.load(Ordering::SeqCst) {
            now.before(HOUR)
        } else {
            now
        }
    }
}

mod order_and_sessions_hold_when_the_clock_jumps_back {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        rule(Database::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        rule(Database::postgres().await).await;
    }

    async fn rule(database: Database) {
        let clock = Arc::new(JumpingClock::default());
        let wish = Wish {
            clock: clock.clone(),
            ..Wish::default()
        };
        let app = TestApp::start_as(database, wish).await;
        let (url, proxy) = (app.database.url(), Proxy::to(app.address).await);
        let [david, james, mary] = [
            app.signed_in("davidjones").await,
            app.signed_in("jamessmith").await,
            app.signed_in("marybrown").await,
        ];
        let away = Reader::start(david.at_address(proxy.address)).await;
        write_many(&james, "davidjones", "before", 3).await;
        away.has_all(3, "jamessmith", SOON, &david).await;
        write(&mary, "davidjones", "the latest before").await;
        let crowd = Crowd::gather("crowd", &url, &[app.address], SENDERS, 101).await;
        crowd.goes_on_for(4 * SENDERS).await;

        // One is away while the clock jumps, all others are here.
        proxy.refuse();
        proxy.cut();
        clock.jump();
        write_many(&james, "davidjones", "after", 5).await;
        crowd.goes_on_for(4 * SENDERS).await;
        proxy.lead_to(app.address);
        away.has_all(8, "jamessmith", SOON, &david).await;
        in_order(&david, "jamessmith").await;
        // Who signs in now, and who did before.
        app.signed_in("jamessmith")
            .await
            .get("/api/v1/session")
            .await
            .expect(200);
        david.get("/api/v1/session").await.expect(200);
        crowd.verdict(&url).await.holds();
        drop((away, proxy));
        app.stop().await;
    }

    /// What was written last is the last one, in the inbox too.
    async fn in_order(client: &TestClient, with: &str) {
        let inbox = read(client, "/api/v1/conversations").await.unwrap();
        assert_eq!(inbox["items"][0]["with"]["username"], with);
        let path = format!("/api/v1/conversations/{with}/messages");
        let page = read(client, &path).await.unwrap();
        let times = page["messages"].as_array().unwrap().iter();
        let times: Vec<&str> = times
            .map(|message| message["sent_at"].as_str().unwrap())
            .collect();
        assert!(times.is_sorted(), "{times:?}");
    }
}

/// Its server was started anew meanwhile, and knows of no other time.
#[tokio::test]
async fn whoever_comes_back_with_a_time_that_is_yet_to_come_loads_anew() {
    let clock = Arc::new(JumpingClock::default());
    clock.jump();
    let wish = Wish {
        clock,
        ..Wish::default()
    };
    let app = TestApp::start_as(Database::sqlite(), wish).await;
    let [david, james] = [
        app.signed_in("davidjones").await,
        app.signed_in("jamessmith").await,
    ];
    write(&james, "davidjones", "stored after the jump").await;
    let heard = SystemClock.now().unix_millis().to_string();
    for path in ["/api/v1/events", "/events"] {
        let mut stream = crate::support::TestStream::open(&david, path, &heard).await;
        let told = stream.news().await;
        assert!(format!("{told:?}").contains("reload"), "{told:?}");
        // From here it goes on.
        write(&james, "davidjones", "live").await;
        let told = stream.news().await;
        assert!(told.data.contains("live"), "{told:?}");
        assert!(told.id < heard, "{told:?}");
    }
    app.stop().await;
}
