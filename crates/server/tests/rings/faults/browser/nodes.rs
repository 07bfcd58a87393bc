//! Two nodes, and what is between them.

mod postgres {
    mod nats {
        use std::time::Duration;

        use reqwest::Method;
        use serde_json::json;

        use crate::browser::{Chromium, Tab};
        use crate::faults::browser::reading::{AWAY, bubbles, evaluate, is_the_same};
        use crate::faults::stage::Stage;
        use crate::faults::writing::{texts, write_many};
        use crate::support::within;

        const SOON: Duration = Duration::from_secs(15);

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_page_moves_to_the_other_node_when_its_own_is_killed() {
            let mut stage = Stage::cluster().await;
            let chromium = Chromium::start().await;
            let [david, james] = two_tabs(&chromium, &stage).await;
            david.write("from David").await;
            david.press("Send").await;
            james.has_stored("from David").await;
            james.write("from James").await;
            james.press("Send").await;
            david.has_stored("from James").await;
            david.write("Half a thought").await;
            evaluate(&david, "window.isTheSame = true").await;

            stage.nodes[0].kill();
            let writer = stage.beside(1, "jamessmith").await;
            write_many(&writer, "davidjones", "missed", 30).await;
            stage.proxies[0].lead_to(stage.nodes[1].address);

            let mut all = vec!["from David".to_owned(), "from James".to_owned()];
            all.extend(texts("missed", 30));
            for tab in [&david, &james] {
                has(tab, SOON, &all).await;
            }
            assert!(is_the_same(&david).await, "the page was loaded again");
            assert_eq!(david.written().await, "Half a thought");
            // Live in both directions again.
            david.press("Send").await;
            james.has_stored("Half a thought").await;
            james.write("from James again").await;
            james.press("Send").await;
            david.has_stored("from James again").await;
            david.close(&AWAY).await;
            james.close(&[]).await;
            drop(chromium);
            stage.remove().await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_page_has_all_that_was_sent_on_the_other_node_while_nats_was_away() {
            let mut stage = Stage::cluster().await;
            let chromium = Chromium::start().await;
            let [david, james] = two_tabs(&chromium, &stage).await;
            let writer = stage.beside(0, "davidjones").await;
            stage
                .without_nats(async {
                    assert_eq!(write_many(&writer, "jamessmith", "missed", 30).await, 0);
                    has(&david, SOON, &texts("missed", 30)).await;
                })
                .await;
            has(&james, Duration::from_secs(30), &texts("missed", 30)).await;
            for tab in [david, james] {
                tab.close(&[]).await;
            }
            drop(chromium);
            stage.remove().await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_page_finds_what_was_read_on_the_other_node_while_nats_was_away() {
            let mut stage = Stage::cluster().await;
            let chromium = Chromium::start().await;
            let writer = stage.beside(0, "jamessmith").await;
            assert_eq!(write_many(&writer, "davidjones", "unread", 3).await, 0);
            let david = Tab::at(stage.proxies[0].address, chromium.browser(true).await);
            david.sign_in("davidjones").await;
            david.open("/users").await;
            let unread = async || david.texts("#inbox .unread").await;
            within(SOON, "three are unread", || async {
                (unread().await == ["3 unread"]).then_some(())
            })
            .await;
            let elsewhere = stage.beside(1, "davidjones").await;
            stage
                .without_nats(async {
                    let path = "/api/v1/conversations/jamessmith/read";
                    let all = json!({ "seq": 3 });
                    elsewhere.json(Method::PUT, path, &all).await.expect(204);
                })
                .await;
            within(Duration::from_secs(35), "nothing is unread", || async {
                unread().await.is_empty().then_some(())
            })
            .await;
            david.close(&[]).await;
            drop(chromium);
            stage.remove().await;
        }

        /// David on the first node and James on the second, each with the other's conversation.
        async fn two_tabs(chromium: &Chromium, stage: &Stage<2>) -> [Tab; 2] {
            let [first, second] = &stage.proxies;
            let david = Tab::at(first.address, chromium.browser(true).await);
            let james = Tab::at(second.address, chromium.browser(true).await);
            david.sign_in("davidjones").await;
            james.sign_in("jamessmith").await;
            david.open("/conversations/jamessmith").await;
            james.open("/conversations/davidjones").await;
            [david, james]
        }

        /// Waits until exactly these messages are shown, in this order.
        async fn has(tab: &Tab, patience: Duration, all: &[String]) {
            within(patience, "the page has all", || async {
                (bubbles(tab).await == all).then_some(())
            })
            .await;
        }
    }
}
