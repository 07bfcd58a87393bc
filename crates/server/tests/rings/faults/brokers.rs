//! R3: the broker goes away, or loses what it was given.

use std::time::Duration;

use tokio::time::sleep;

use super::crowd::Crowd;
use super::stage::Stage;

const SENDERS: usize = 8;

mod postgres {
    mod nats {
        use super::super::*;

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn sends_succeed_and_readers_have_all_when_the_broker_was_away() {
            let mut stage = Stage::cluster().await;
            let database = stage.database.url();
            let crowd = Crowd::gather("crowd", &database, &stage.doors(), SENDERS, 31).await;
            crowd.goes_on_for(SENDERS).await;
            stage.without_nats(crowd.goes_on_for(4 * SENDERS)).await;
            let verdict = crowd.verdict(&database).await;
            verdict.holds();
            assert_eq!(verdict.sent_again, 0, "a send has failed");
            stage.remove().await;
        }

        /// The connections of one node die, and nobody says so.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn sends_succeed_and_readers_have_all_when_the_broker_lost_some() {
            let stage = Stage::cluster().await;
            let database = stage.database.url();
            let crowd = Crowd::gather("crowd", &database, &stage.doors(), SENDERS, 32).await;
            crowd.goes_on_for(SENDERS).await;
            stage.to_nats[1].swallow();
            tokio::join!(
                crowd.goes_on_for(4 * SENDERS),
                sleep(Duration::from_secs(5)),
            );
            stage.to_nats[1].lead_to(stage.nats.as_ref().unwrap().address);
            let verdict = crowd.verdict(&database).await;
            verdict.holds();
            assert_eq!(verdict.sent_again, 0, "a send has failed");
            stage.remove().await;
        }
    }
}
