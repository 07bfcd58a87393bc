//! R1: the server is killed at any moment, again and again, while many send.

use std::time::Duration;

use super::chance::Chance;
use super::crowd::Crowd;
use super::stage::Stage;
use crate::support::Database;

/// How many clients send at once.
const SENDERS: usize = 16;
/// How often the server is killed. `cargo xtask soak` does so for as long as one likes.
const KILLS: usize = 5;

mod nothing_acknowledged_is_lost_and_nothing_stored_twice_when_the_server_is_killed {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        rule(Stage::single().await, 11).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        rule(Stage::on(Database::postgres().await).await, 12).await;
    }

    async fn rule(mut stage: Stage<1>, seed: u64) {
        let mut chance = Chance::of(seed);
        let (database, doors) = (stage.database.url(), stage.doors());
        let crowd = Crowd::gather("crowd", &database, &doors, SENDERS, chance.seed()).await;
        for _ in 0..KILLS {
            crowd.goes_on_for(SENDERS).await;
            let moment = chance.between(Duration::ZERO, Duration::from_millis(800));
            tokio::time::sleep(moment).await;
            stage.nodes[0].kill();
            stage.nodes[0].start_again().await;
        }
        crowd.goes_on_for(SENDERS).await;
        let verdict = crowd.verdict(&database).await;
        verdict.holds();
        assert!(verdict.sent_again > 0, "no send was disturbed");
        stage.remove().await;
    }
}
