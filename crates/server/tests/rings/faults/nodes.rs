//! R4 and R7: two nodes, of which one dies, and which number the same conversations.

use std::time::Duration;

use tokio::time::sleep;

use super::chance::Chance;
use super::crowd::Crowd;
use super::stage::Stage;

const SENDERS: usize = 16;

mod postgres {
    mod nats {
        use super::super::*;

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn clients_go_to_the_other_node_when_theirs_is_killed_and_miss_nothing() {
            let mut stage = Stage::cluster().await;
            let mut chance = Chance::of(41);
            let (database, doors) = (stage.database.url(), stage.doors());
            let crowd = Crowd::gather("crowd", &database, &doors, SENDERS, chance.seed()).await;
            for killed in [0, 1] {
                crowd.goes_on_for(SENDERS).await;
                let moment = chance.between(Duration::ZERO, Duration::from_millis(800));
                sleep(moment).await;
                stage.nodes[killed].kill();
                crowd.goes_on_for(3 * SENDERS).await;
                stage.nodes[killed].start_again().await;
            }
            let verdict = crowd.verdict(&database).await;
            verdict.holds();
            assert!(verdict.sent_again > 0, "no send was disturbed");
            stage.remove().await;
        }

        /// The first messages of every two people go through both nodes at once, and so do all that
        /// follow. New people each time: there are as many beginnings as pairs.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn two_nodes_make_one_conversation_and_give_it_one_order() {
            let stage = Stage::cluster_on_own_postgres().await;
            // What one does takes the time for much to be done by the other.
            stage.to_postgres[1].delay(Duration::from_millis(2));
            let (database, doors) = (stage.database.url(), stage.doors());
            for round in 0..3 {
                let name = format!("crowd{round}");
                let crowd = Crowd::gather(&name, &database, &doors, 2 * SENDERS, round).await;
                crowd.goes_on_for(6 * SENDERS).await;
                let verdict = crowd.verdict(&database).await;
                verdict.holds();
                assert_eq!(verdict.sent_again, 0, "a send has failed");
            }
            stage.remove().await;
        }
    }
}
