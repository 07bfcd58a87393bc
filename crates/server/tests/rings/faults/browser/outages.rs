//! One node that is away for a while.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::reading::{AWAY, Reading, SHOWN, bubbles};
use crate::browser::{Chromium, Tab};
use crate::faults::stage::Stage;
use crate::faults::writing::{texts, write_many};
use crate::support::within;

const SOON: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_goes_on_when_its_server_was_killed_and_started_again() {
    let mut stage = Stage::single().await;
    let chromium = Chromium::start().await;
    let mut reading = Reading::begin(&chromium, &stage, stage.nodes[0].address).await;

    let james = stage.beside(0, "jamessmith").await;
    write_many(&james, "davidjones", "live", 20).await;
    stage.nodes[0].kill();
    let writing = tokio::spawn(async move { write_many(&james, "davidjones", "missed", 30).await });
    stage.nodes[0].start_again().await;
    reading.add("live", 20);
    reading.add("missed", 30);
    assert!(writing.await.unwrap() > 0, "nothing was sent again");

    reading.has_all(SOON, SHOWN + 50).await;
    reading.is_undisturbed().await;
    reading.tab.close(&AWAY).await;
    drop(chromium);
    stage.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_stream_could_not_begin_has_it_in_the_end() {
    let stage = Stage::single().await;
    let chromium = Chromium::start().await;
    let tab = Tab::at(stage.nodes[0].address, chromium.browser(true).await);
    tab.sign_in("davidjones").await;
    let block = async |urls: serde_json::Value| {
        let cdp = tab.browser.cdp();
        cdp.send_raw("Network.enable", json!({})).await.unwrap();
        cdp.send_raw("Network.setBlockedURLs", json!({ "urls": urls }))
            .await
            .unwrap();
    };
    block(json!(["*/events?*"])).await;
    tab.open("/conversations/jamessmith").await;
    tab.sees("No connection. Trying again").await;
    let james = stage.beside(0, "jamessmith").await;
    write_many(&james, "davidjones", "missed", 50).await;
    assert_eq!(bubbles(&tab).await, Vec::<String>::new());

    block(json!([])).await;
    within(SOON, "the page has all", || async {
        (bubbles(&tab).await == texts("missed", 50)).then_some(())
    })
    .await;
    tab.close(&AWAY).await;
    drop(chromium);
    stage.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_connection_died_silently_notices_it() {
    let stage = Stage::single().await;
    let chromium = Chromium::start().await;
    let mut reading = Reading::begin(&chromium, &stage, stage.proxies[0].address).await;
    let james = stage.beside(0, "jamessmith").await;

    stage.proxies[0].swallow();
    write_many(&james, "davidjones", "missed", 20).await;
    reading.add("missed", 20);
    // Each of these tells that somebody types, and none of it is answered.
    for _ in 0..7 {
        reading.tab.write("!").await;
        sleep(Duration::from_millis(3_050)).await;
    }
    reading.tab.paste("Half a thought").await;
    stage.proxies[0].lead_to(stage.nodes[0].address);
    reading.has_all(Duration::from_secs(30), SHOWN + 20).await;
    reading.is_undisturbed().await;
    // That came by asking; who types is told by the stream alone, so it is a new one.
    within(
        Duration::from_secs(40),
        "the page sees that James types",
        || async {
            let typing = "/conversations/davidjones/typing";
            james.post_htmx(typing, &[]).await.expect(204);
            let shown = reading.tab.texts(".typing span:not([hidden])").await;
            (!shown.is_empty()).then_some(())
        },
    )
    .await;
    // What died with it holds up nothing either.
    reading.tab.press("Send").await;
    reading.tab.has_stored("Half a thought").await;
    reading.tab.close(&AWAY).await;
    drop(chromium);
    stage.remove().await;
}
