//! Who is here, and who has a message, comes by itself.

use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp, eventually};

#[tokio::test]
async fn a_message_is_sent_then_delivered_then_read_and_who_has_it_comes_and_goes() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    david.open("/conversations/jamessmith").await;
    david.write("Are you there?").await;
    david.press("Send").await;
    david.has_stored("Are you there?").await;
    shows(&david, ".mine .receipt", "Sent").await;
    shows(&david, ".bar .presence", "never signed in").await;

    // James has a page open, and not this conversation.
    let james = Tab::fresh(&chromium, &app, true).await;
    james.sign_in("jamessmith").await;
    shows(&david, ".bar .presence", "online").await;
    shows(&david, ".mine .receipt", "Delivered").await;
    david.write("One more").await;
    david.press("Send").await;
    david.has_stored("One more").await;
    shows(&david, ".mine:last-child .receipt", "Delivered").await;

    james
        .follow("#inbox a[href='/conversations/davidjones']")
        .await;
    shows(&david, ".mine:last-child .receipt", "Read").await;
    james.close(&[]).await;
    shows(&david, ".bar .presence", "last seen just now").await;

    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

async fn shows(tab: &Tab, css: &str, text: &str) {
    eventually(&format!("{css} shows {text:?}"), || async {
        (tab.texts(css).await == [text]).then_some(())
    })
    .await;
}
