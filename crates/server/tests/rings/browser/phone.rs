use super::chromium::Chromium;
use super::screen::NARROW;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn a_conversation_behaves_the_same_on_a_phone_in_the_dark() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=60 {
        app.message("jamessmith", "davidjones", &format!("message {n}."))
            .await;
    }
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.resize(NARROW).await;
    david.prefer("prefers-color-scheme", "dark").await;
    david.sign_in("davidjones").await;
    david
        .follow("#inbox a[href='/conversations/jamessmith']")
        .await;
    // It opens where the unread ones begin, and is read at its end.
    david
        .holds("document.querySelector('#messages .more')")
        .await;
    david
        .browser
        .execute("document.querySelector('.history').scrollTop = 0", vec![])
        .await
        .unwrap();
    let james = app.signed_in("jamessmith").await;
    let send = async |body: &str| {
        let path = "/conversations/davidjones/messages";
        james.post_htmx(path, &[("body", body)]).await.expect(200);
    };
    let is_read = "!document.querySelector('.unread')";
    david.holds(is_read).await;
    james
        .post_htmx("/conversations/davidjones/typing", &[])
        .await
        .expect(204);
    david.sees("James Smith is typing…").await;
    send("seen at once.").await;
    david.sees("seen at once.").await;
    david
        .holds("document.querySelector('#typing').hidden")
        .await;
    david.holds(is_read).await;

    let up = "document.querySelector('.history').scrollTop = -500";
    david.browser.execute(up, vec![]).await.unwrap();
    for n in 1..=3 {
        send(&format!("while away {n}.")).await;
    }
    david.sees("3 new ↓").await;
    david.press("3 new ↓").await;
    david.sees("while away 3.").await;
    david.holds(is_read).await;

    david.offline(true).await;
    david.write("From a tunnel").await;
    david.press("Send").await;
    david
        .sees("Not sent: the server could not be reached.")
        .await;
    david.sees("No connection. Trying again…").await;
    david.offline(false).await;
    david.press("Retry").await;
    david.has_stored("From a tunnel").await;

    david.write("Half a thought").await;
    david.browser.refresh().await.unwrap();
    david
        .holds("document.querySelector('#composer[data-ready]')")
        .await;
    assert_eq!(david.written().await, "Half a thought");
    let url = david.browser.current_url().await.unwrap();
    assert_eq!(url.path(), "/conversations/jamessmith");
    david.browser.back().await.unwrap();
    david.sees("Sign out").await;
    david.close(&["Failed to fetch"]).await;
    drop(chromium);
    app.stop().await;
}
