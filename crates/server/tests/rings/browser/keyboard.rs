use thirtyfour::Key;

use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn the_keys_search_step_through_conversations_close_and_explain_themselves() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("marybrown", "davidjones", "hello").await;
    app.message("jamessmith", "davidjones", "hello").await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;

    for path in [
        "/conversations/jamessmith",
        "/conversations/marybrown",
        // There is none after the last.
        "/conversations/marybrown",
    ] {
        david.keys(Some(Key::Alt), Key::Down).await;
        david
            .holds(&format!("location.pathname === '{path}'"))
            .await;
        david.holds("document.activeElement.id === 'body'").await;
    }
    david.keys(Some(Key::Alt), Key::Up).await;
    david.sees("James Smith").await;
    david
        .holds("location.pathname === '/conversations/jamessmith'")
        .await;
    david.holds("document.activeElement.id === 'body'").await;

    // Signs are written where one writes.
    for sign in ['/', '?'] {
        david.keys(None, sign).await;
    }
    assert_eq!(david.written().await, "/?");
    david.keys(None, Key::Escape).await;
    david.holds("location.pathname === '/conversations'").await;
    david.holds("document.activeElement.id === 'main'").await;

    let overlay = "document.querySelector('#shortcuts:popover-open')";
    david.keys(None, '?').await;
    david.holds(overlay).await;
    david.sees("Search people").await;
    david.keys(None, Key::Escape).await;
    david.holds(&format!("!{overlay}")).await;

    david.keys(None, '/').await;
    david.holds("document.activeElement.id === 'q'").await;
    david.keys(None, 'm').await;
    david.sees("@marybrown").await;
    david
        .holds("location.pathname + location.search === '/users?q=m'")
        .await;
    david.browser.back().await.unwrap();
    david.holds("location.pathname === '/conversations'").await;
    david.converse("marybrown").await;
    david.keys(Some(Key::Control), 'k').await;
    david.holds("document.activeElement.id === 'q'").await;
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn enter_sends_and_shift_enter_breaks_the_line_and_neither_does_while_composing() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    david.converse("jamessmith").await;
    david.write("one").await;
    david.keys(Some(Key::Shift), Key::Enter).await;
    david.write("two").await;
    // What an input method sends while one picks a word.
    let composing = "document.getElementById('body').dispatchEvent(new KeyboardEvent('keydown', \
        { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))";
    david.browser.execute(composing, vec![]).await.unwrap();
    assert_eq!(david.written().await, "one\ntwo");
    david.keys(None, Key::Enter).await;
    david.has_stored("one\ntwo").await;
    assert_eq!(david.written().await, "");
    // White space alone is nothing to send.
    david.write("  ").await;
    david.keys(None, Key::Enter).await;
    david.write("x").await;
    david.keys(None, Key::Enter).await;
    david.has_stored("x").await;
    let bubbles = david.texts("#messages .bubble").await;
    assert_eq!(bubbles.len(), 2);
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
