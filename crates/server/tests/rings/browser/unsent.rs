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
    // It goes by itself once there is one again.
    david.has_stored("Written in a tunnel").await;
    david
        .holds("document.querySelector('#offline').hidden")
        .await;

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
    david.has_stored("Do not lose me").await;

    // What the server could not store is sent again when one says so.
    let rename = async |from: &str, to: &str| {
        let rename = format!("ALTER TABLE {from} RENAME TO {to}");
        app.database.execute(&rename).await;
    };
    rename("messages", "gone").await;
    david.write("Once more").await;
    david.press("Send").await;
    david.holds("document.querySelector('.failed')").await;
    rename("gone", "messages").await;
    david.press("Retry").await;
    david.has_stored("Once more").await;

    // Somebody else on the same device sees nothing of it.
    david.write("For Mary only").await;
    david.press("Sign out").await;
    david.sees("Sign in").await;
    david.fill_in("jamessmith").await;
    david.open("/conversations/marybrown").await;
    assert_eq!(david.written().await, "");

    david.close(&["Failed to fetch", "50"]).await;
    drop(chromium);
    app.stop().await;
}

/// The server has what is sent, and this page does not hear so.
const UNHEARD: &str = "const real = window.fetch;
    window.fetch = async (path, request) => {
        const answer = await real(path, request);
        if (request?.method === 'POST' && path.endsWith('/messages')) {
            await new Promise((later) => setTimeout(later, 1_000));
            throw new TypeError('no answer');
        }
        return answer;
    };";

#[tokio::test]
async fn what_the_stream_told_was_stored_whatever_became_of_the_answer() {
    let app = TestApp::start(Database::sqlite()).await;
    // A name that is a part of the paths, too.
    app.add_user("messages", "Mess Ages").await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    david.converse("messages").await;
    david.browser.execute(UNHEARD, vec![]).await.unwrap();
    david.write("Stored").await;
    david.press("Send").await;
    david.has_stored("Stored").await;
    // The next one is sent when the first is done with.
    david.write("Stored too").await;
    david.press("Send").await;
    david.has_stored("Stored too").await;
    david
        .holds("!Object.keys(localStorage).some((key) => key.includes('outbox'))")
        .await;
    assert!(david.texts(".unsent").await.is_empty());
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn what_one_tab_could_not_send_all_tabs_show_until_it_is_sent() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    david.converse("marybrown").await;
    let first = david.browser.window().await.unwrap();
    let second = david.browser.new_tab().await.unwrap();
    david
        .browser
        .switch_to_window(second.clone())
        .await
        .unwrap();
    david.converse("marybrown").await;
    david.browser.switch_to_window(first.clone()).await.unwrap();
    let cut =
        "window.real = window.fetch; window.fetch = () => Promise.reject(new TypeError('cut'));";
    david.browser.execute(cut, vec![]).await.unwrap();
    david.write("From one tab").await;
    david.press("Send").await;
    david.holds("document.querySelector('.failed')").await;
    david
        .browser
        .switch_to_window(second.clone())
        .await
        .unwrap();
    david.holds("document.querySelector('.failed')").await;
    david.browser.switch_to_window(first).await.unwrap();
    let mend = "window.fetch = window.real";
    david.browser.execute(mend, vec![]).await.unwrap();
    david.press("Retry").await;
    david.has_stored("From one tab").await;
    david.browser.switch_to_window(second).await.unwrap();
    david.has_stored("From one tab").await;
    david.holds("!document.querySelector('.unsent')").await;
    david.close(&[]).await;
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
