use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn a_text_that_could_not_be_sent_is_never_lost() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    david.open("/conversations/marybrown").await;

    // Without a network it stays as a failed bubble, and a retry stores it once.
    david.offline(true).await;
    david.write("Written in a tunnel").await;
    david.press("Send").await;
    david
        .sees("Not sent: the server could not be reached.")
        .await;
    david.press("Copy").await;
    let selected: String = david.eval("getSelection().toString().trim()").await;
    assert_eq!(selected, "Written in a tunnel");
    david.sees("No connection. Trying again…").await;
    david.offline(false).await;
    david
        .holds("document.querySelector('#offline').hidden")
        .await;
    david.press("Retry").await;
    david.has_stored("Written in a tunnel").await;

    // Refused, it stays with the reason, and can be taken back into the form.
    let too_long = "x".repeat(8_001);
    david.paste(&too_long).await;
    david.press("Send").await;
    david
        .sees("A message must have at most 8,000 characters.")
        .await;
    david.press("Edit").await;
    assert_eq!(david.written().await, too_long);
    david.paste("Short enough").await;
    david.press("Send").await;
    david.has_stored("Short enough").await;

    // Signed out meanwhile, it waits on the device and is sent once one is back.
    david.browser.delete_all_cookies().await.unwrap();
    david.write("Do not forget me").await;
    david.press("Send").await;
    david.sees("Sign in").await;
    david.fill_in("davidjones").await;
    david.has_stored("Do not forget me").await;

    // Not sent when the page goes, it is there again, and stored once.
    david.offline(true).await;
    david.write("Do not lose me").await;
    david.press("Send").await;
    david
        .sees("Not sent: the server could not be reached.")
        .await;
    david.offline(false).await;
    david.open("/conversations/jamessmith").await;
    david.open("/conversations/marybrown").await;
    david.press("Retry").await;
    david.has_stored("Do not lose me").await;

    // Somebody else on the same device sees nothing of it.
    david.write("For Mary only").await;
    david.press("Sign out").await;
    david.sees("Sign in").await;
    david.fill_in("jamessmith").await;
    david.open("/conversations/marybrown").await;
    assert_eq!(david.written().await, "");

    david.close(&["Failed to fetch"]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn a_draft_waits_in_its_conversation() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    david.open("/conversations/marybrown").await;
    david.write("Half a thought").await;
    david.open("/conversations/jamessmith").await;
    assert_eq!(david.written().await, "");
    david.open("/conversations/marybrown").await;
    assert_eq!(david.written().await, "Half a thought");
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
