//! One day of a conversation, with each row of the table above, in each look of the page.

use thirtyfour::Key;

use super::chromium::Chromium;
use super::screen::{NARROW, WIDE};
use super::tab::Tab;
use crate::support::{Database, TestApp, TestClient, eventually};

/// Messages from James before David opens the page, more than a page shows at once.
const BEFORE: usize = 60;

const READ: &str = "!document.querySelector('.unread') && !document.title.startsWith('(')";
const TYPING: &str = "getComputedStyle(document.querySelector('.typing span')).visibility === 'visible' \
    && !document.querySelector('.typing span').hidden";
const FOCUSED: &str = "document.activeElement.id";

#[tokio::test]
async fn is_the_same_wide_and_light() {
    a_day(WIDE, "light").await;
}

#[tokio::test]
async fn is_the_same_wide_and_dark() {
    a_day(WIDE, "dark").await;
}

#[tokio::test]
async fn is_the_same_narrow_and_light() {
    a_day(NARROW, "light").await;
}

#[tokio::test]
async fn is_the_same_narrow_and_dark() {
    a_day(NARROW, "dark").await;
}

async fn a_day(screen: (u32, u32), scheme: &str) {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=BEFORE {
        app.message("jamessmith", "davidjones", &format!("before {n}."))
            .await;
    }
    let james = app.signed_in("jamessmith").await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.resize(screen).await;
    david.prefer("prefers-color-scheme", scheme).await;
    david.be_in("Asia/Tokyo").await;
    david.sign_in("davidjones").await;
    unread_and_history(&david).await;
    sending_and_receipts(&david, &james).await;
    typing_presence_and_links(&david, &james).await;
    arrivals(&david, &james).await;
    without_a_network(&david).await;
    drafts_urls_and_keys(&david).await;
    david.close(&["Failed to fetch"]).await;
    drop(chromium);
    app.stop().await;
}

/// The count in inbox and title, the divider, older messages without a jump, and times in one's zone.
async fn unread_and_history(david: &Tab) {
    let count = "document.querySelector('#inbox .unread').textContent";
    assert_eq!(david.eval::<String>(count).await, "60 unread");
    let title = david.browser.title().await.unwrap();
    assert!(title.starts_with("(60) "), "{title}");
    david
        .follow("#inbox a[href='/conversations/jamessmith']")
        .await;
    david.sees("before 60.").await;
    david.holds(READ).await;
    david
        .browser
        .execute(
            "window.first = document.querySelector('#messages .message'); \
             document.querySelector('.history').scrollTop = -1e6; \
             window.top_ = first.getBoundingClientRect().top",
            vec![],
        )
        .await
        .unwrap();
    let all = format!("document.querySelectorAll('#messages .message').length === {BEFORE}");
    david.holds(&all).await;
    let moved = "Math.abs(first.getBoundingClientRect().top - top_)";
    assert!(david.eval::<f64>(moved).await < 2.0, "it jumped");
    let divider = "document.getElementById('unread').closest('li').id";
    assert_eq!(david.eval::<String>(divider).await, "m-1");
    let times = "(() => { const { dateTime, textContent } = document.querySelector('#messages .meta time'); \
        const at = new Date(dateTime); return dateTime.endsWith('Z') && textContent === \
        `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`; })()";
    assert!(david.eval::<bool>(times).await);
    let down = "document.querySelector('.history').scrollTop = 0";
    david.browser.execute(down, vec![]).await.unwrap();
}

/// Sent, delivered, read.
async fn sending_and_receipts(david: &Tab, james: &TestClient) {
    david.write("Are you there?").await;
    david.press("Send").await;
    david.has_stored("Are you there?").await;
    assert_eq!(david.written().await, "");
    let seq = "document.querySelector('.mine').dataset.seq";
    let seq: String = david.eval(seq).await;
    david.holds(&receipt("Sent")).await;
    for (position, word) in [("delivered", "Delivered"), ("read", "Read")] {
        let path = format!("/conversations/davidjones/{position}");
        james
            .post_htmx(&path, &[("seq", seq.as_str())])
            .await
            .expect(204);
        david.holds(&receipt(word)).await;
    }
}

fn receipt(word: &str) -> String {
    format!("document.querySelector('.mine .receipt').textContent === '{word}'")
}

/// Typing comes and goes by itself, or with the message; presence is a word; a link is safe.
async fn typing_presence_and_links(david: &Tab, james: &TestClient) {
    let path = "/conversations/davidjones/typing";
    james.post_htmx(path, &[]).await.expect(204);
    david.holds(TYPING).await;
    david.sees("James Smith is typing…").await;
    david.holds(&format!("!({TYPING})")).await;
    james.post_htmx(path, &[]).await.expect(204);
    david.holds(TYPING).await;
    send(james, "Look at https://example.org/a").await;
    david.sees("Look at").await;
    david.holds(&format!("!({TYPING})")).await;
    david.holds(READ).await;
    // He has no page open.
    let presence = "document.querySelector('.bar .presence').textContent";
    assert_eq!(david.eval::<String>(presence).await, "last seen just now");
    let link = "(() => { const { rel, target } = document.querySelector('a[href=\"https://example.org/a\"]'); \
        return [rel, target]; })()";
    assert_eq!(
        david.eval::<[String; 2]>(link).await,
        ["noopener noreferrer nofollow", "_blank"]
    );
    // What is only heard has nothing to stop at.
    assert!(david.texts("#arrivals a").await.is_empty());
}

/// Who reads further up stays there, is told how many came, and has not read them.
async fn arrivals(david: &Tab, james: &TestClient) {
    let up = "document.querySelector('.history').scrollTop = -600; \
        window.seen = document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('li'); \
        window.top_ = seen.getBoundingClientRect().top";
    david.browser.execute(up, vec![]).await.unwrap();
    let focused: String = david.eval(FOCUSED).await;
    for n in 1..=3 {
        send(james, &format!("while away {n}.")).await;
    }
    david.sees("3 new ↓").await;
    let moved = "Math.abs(seen.getBoundingClientRect().top - top_)";
    assert!(david.eval::<f64>(moved).await < 2.0, "it jumped");
    assert_eq!(david.eval::<String>(FOCUSED).await, focused);
    david.holds("document.title.startsWith('(3) ')").await;
    david.press("3 new ↓").await;
    david.sees("while away 3.").await;
    david.holds(READ).await;
    let said = "[...document.querySelectorAll('#arrivals p')].at(-1).textContent";
    let said: String = david.eval(said).await;
    assert_eq!(said, "James Smith: while away 3.");
}

async fn send(client: &TestClient, body: &str) {
    let path = "/conversations/davidjones/messages";
    client.post_htmx(path, &[("body", body)]).await.expect(200);
}

/// What cannot be sent stays, can be copied, and is stored once when it is sent again.
async fn without_a_network(david: &Tab) {
    david.offline(true).await;
    david.write("From a tunnel").await;
    david.press("Send").await;
    david
        .sees("Not sent: the server could not be reached.")
        .await;
    david.press("Copy").await;
    let selected: String = david.eval("getSelection().toString().trim()").await;
    assert_eq!(selected, "From a tunnel");
    david.sees("No connection. Trying again…").await;
    david.offline(false).await;
    david
        .holds("document.querySelector('#offline').hidden")
        .await;
    david.has_stored("From a tunnel").await;
}

/// A draft outlives a reload, the address says what is shown, and keys do what they do everywhere.
async fn drafts_urls_and_keys(david: &Tab) {
    david.write("Half a thought").await;
    david.browser.refresh().await.unwrap();
    david
        .holds("document.querySelector('#composer[data-ready]')")
        .await;
    assert_eq!(david.written().await, "Half a thought");
    is_at(david, "/conversations/jamessmith").await;
    david.keys(Some(Key::Shift), Key::Enter).await;
    assert_eq!(david.written().await, "Half a thought\n");
    david.keys(None, Key::Escape).await;
    is_at(david, "/conversations").await;
    david.keys(Some(Key::Alt), Key::Down).await;
    is_at(david, "/conversations/jamessmith").await;
    david.holds("document.activeElement.id === 'body'").await;
    david.browser.back().await.unwrap();
    is_at(david, "/conversations").await;
    david.sees("Sign out").await;
    david.keys(None, '?').await;
    david.sees("Keyboard shortcuts").await;
    david.keys(None, Key::Escape).await;
    david
        .holds("!document.querySelector(':popover-open')")
        .await;
    david.keys(None, '/').await;
    david.holds("document.activeElement.id === 'q'").await;
    david.keys(None, 'm').await;
    david.sees("@marybrown").await;
    is_at(david, "/users").await;
}

async fn is_at(tab: &Tab, path: &str) {
    eventually(&format!("the address is {path}"), || async {
        let url = tab.browser.current_url().await.ok()?;
        (url.path() == path).then_some(())
    })
    .await;
}
