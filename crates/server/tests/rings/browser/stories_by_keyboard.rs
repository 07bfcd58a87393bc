use thirtyfour::Key;

use super::chromium::Chromium;
use super::screen::{NARROW, WIDE};
use super::tab::Tab;
use crate::support::{Database, TestApp};

/// More steps than any page needs.
const PATIENCE: usize = 60;

#[tokio::test]
async fn the_three_stories_with_the_keyboard_alone_wide_and_narrow() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    let chromium = Chromium::start().await;
    for (screen, message) in [(WIDE, "From a desk"), (NARROW, "From a phone")] {
        let david = Tab::fresh(&chromium, &app, true).await;
        david.resize(screen).await;
        // 1. Signs in, where the first field waits, and sees all others.
        david.open("/login").await;
        types(&david, "davidjones").await;
        david.keys(None, Key::Tab).await;
        types(&david, "password").await;
        david.keys(None, Key::Enter).await;
        david.sees("Sign out").await;
        step_to(&david, ".places a[href='/users']").await;
        david.keys(None, Key::Enter).await;
        david.sees("@marybrown").await;
        // 2. Reads a conversation.
        step_to(&david, "#people a[href='/conversations/jamessmith']").await;
        david.keys(None, Key::Enter).await;
        david.sees("hello").await;
        // 3. Writes, for which the field has the focus.
        david.holds("document.activeElement.id === 'body'").await;
        types(&david, message).await;
        david.keys(None, Key::Enter).await;
        david.has_stored(message).await;
        // And leaves, by the button.
        david.keys(None, Key::Escape).await;
        david.holds("location.pathname === '/conversations'").await;
        step_to(&david, "form[action='/logout'] button").await;
        david.keys(None, Key::Enter).await;
        david.sees("Username").await;
        david.close(&[]).await;
    }
    drop(chromium);
    app.stop().await;
}

async fn types(tab: &Tab, text: &str) {
    for sign in text.chars() {
        tab.keys(None, sign).await;
    }
}

/// Presses Tab until this has the focus; whatever gets it on the way shows so, and is not covered.
async fn step_to(tab: &Tab, css: &str) {
    for _ in 0..PATIENCE {
        tab.keys(None, Key::Tab).await;
        let (is_there, is_seen): (bool, bool) = tab
            .eval(&format!(
                "(() => {{ \
                    const focused = document.activeElement; \
                    const {{ outlineStyle }} = getComputedStyle(focused); \
                    const {{ x, y, width, height }} = focused.getBoundingClientRect(); \
                    const top = document.elementFromPoint(x + width / 2, y + height / 2); \
                    const isSeen = outlineStyle !== 'none' && focused.contains(top); \
                    return [focused.matches(\"{css}\"), isSeen || focused === document.body]; \
                }})()"
            ))
            .await;
        let focused: String = tab
            .eval("document.activeElement.outerHTML.slice(0, 200)")
            .await;
        assert!(is_seen, "{focused}");
        if is_there {
            return;
        }
    }
    panic!("{css} is not reached by Tab");
}
