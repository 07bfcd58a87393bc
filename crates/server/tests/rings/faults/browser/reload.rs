//! So much was missed that it is not told one by one.

use std::time::Duration;

use tokio::time::timeout;

use super::reading::{AWAY, Reading, SHOWN, bubbles};
use crate::browser::{Chromium, Tab};
use crate::faults::stage::Stage;
use crate::faults::writing::{texts, write, write_many};
use crate::support::within;

const SOON: Duration = Duration::from_secs(15);
/// More than the server tells again.
const TOO_MUCH: usize = 510;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_further_up_has_all_that_was_missed_below() {
    let stage = Stage::single().await;
    let chromium = Chromium::start().await;
    let mut reading = Reading::begin(&chromium, &stage, stage.proxies[0].address).await;
    stage.proxies[0].refuse();
    stage.proxies[0].cut();
    let james = stage.beside(0, "jamessmith").await;
    write_many(&james, "davidjones", "missed", TOO_MUCH).await;
    reading.add("missed", TOO_MUCH);
    stage.proxies[0].lead_to(stage.nodes[0].address);
    // What is told live meanwhile must not hide that there is a gap before it.
    let mut live = 0;
    let writing = async {
        while !bubbles(&reading.tab)
            .await
            .contains(&"missed 1.".to_owned())
        {
            live += 1;
            write(&james, "davidjones", &format!("live {live}.")).await;
        }
    };
    timeout(SOON, writing)
        .await
        .expect("the page asks for what it missed");
    reading.add("live", live);

    reading.has_all(SOON, SHOWN + TOO_MUCH + live).await;
    has_a_new_inbox(&reading.tab, &format!("live {live}.")).await;
    reading.is_undisturbed().await;
    reading.tab.close(&AWAY).await;
    drop(chromium);
    stage.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_at_the_end_has_all_that_was_missed_and_the_text_stays() {
    let stage = Stage::single().await;
    let chromium = Chromium::start().await;
    let tab = Tab::at(stage.proxies[0].address, chromium.browser(true).await);
    let james = stage.beside(0, "jamessmith").await;
    write_many(&james, "davidjones", "before", 1).await;
    tab.sign_in("davidjones").await;
    tab.open("/conversations/jamessmith").await;
    tab.has_stored("before 1.").await;
    tab.write("Half a thought").await;
    stage.proxies[0].refuse();
    stage.proxies[0].cut();
    write_many(&james, "davidjones", "missed", TOO_MUCH).await;
    stage.proxies[0].lead_to(stage.nodes[0].address);

    let missed = texts("missed", TOO_MUCH);
    let all = [texts("before", 1), missed.clone()].concat();
    within(SOON, "all are shown", || async {
        (bubbles(&tab).await == all).then_some(())
    })
    .await;
    tab.sees(missed.last().unwrap()).await;
    has_a_new_inbox(&tab, missed.last().unwrap()).await;
    assert_eq!(tab.written().await, "Half a thought");
    tab.close(&AWAY).await;
    drop(chromium);
    stage.remove().await;
}

async fn has_a_new_inbox(tab: &Tab, last: &str) {
    within(SOON, "the inbox has the last message", || async {
        let preview = tab.texts("#inbox .preview").await;
        (preview == [last]).then_some(())
    })
    .await;
}
