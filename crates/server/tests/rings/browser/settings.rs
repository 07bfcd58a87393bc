use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, PASSWORD, TestApp};

#[tokio::test]
async fn a_new_password_sends_every_other_browser_to_the_sign_in_form_at_once() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let elsewhere = Tab::fresh(&chromium, &app, true).await;
    elsewhere.sign_in("davidjones").await;
    elsewhere.open("/conversations/jamessmith").await;

    // A form does it, without a script.
    let david = Tab::fresh(&chromium, &app, false).await;
    david.sign_in("davidjones").await;
    david.open("/settings").await;
    let fill_in = async |old: &str, new: &str| {
        for (field, typed) in [
            ("old_password", old),
            ("new_password", new),
            ("new_password_again", new),
        ] {
            david.field(field).await.send_keys(typed).await.unwrap();
        }
        david.press("Change password").await;
    };
    fill_in("a wrong one", "correct horse").await;
    david.sees("This is not your password so far.").await;
    let focused = david.browser.active_element().await.unwrap();
    let focused = focused.id().await.unwrap();
    assert_eq!(focused.as_deref(), Some("old_password"));
    fill_in(PASSWORD, "correct horse").await;
    david.sees("Your password is changed.").await;

    elsewhere.sees("Username").await;
    let url = elsewhere.browser.current_url().await.unwrap();
    assert_eq!(
        (url.path(), url.query()),
        ("/login", Some("next=%2Fconversations%2Fjamessmith"))
    );
    david.open("/settings").await;
    david.sees("This one").await;
    elsewhere.close(&[]).await;
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
