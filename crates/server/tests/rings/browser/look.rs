//! What an open page finds by looking, since nobody told it.

use std::time::Duration;

use domain::{Clock as _, SystemClock};
use serde_json::json;

use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp, eventually, within};

/// A page is made, then something happens, and only then its script begins; and what other tabs
/// tell it does not arrive.
const LATE: &str = "
    if (location.pathname === '/users') {
        window.BroadcastChannel = class { postMessage() {} };
        const request = new XMLHttpRequest();
        request.open('POST', '/conversations/jamessmith/messages', false);
        request.setRequestHeader('HX-Request', 'true');
        request.send(new URLSearchParams({ body: 'meanwhile' }));
    }
";

/// Keeps all streams that a page has ever begun.
const STREAMS: &str = "
    window.streams = [];
    window.EventSource = class extends EventSource {
        constructor(...words) { super(...words); streams.push(this); }
    };
";

async fn before_each_page(tab: &Tab, script: &str) {
    let script = json!({ "source": script });
    let cdp = tab.browser.cdp();
    cdp.send_raw("Page.enable", json!({})).await.unwrap();
    cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", script)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_tab_finds_what_was_told_before_its_script_began() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    let second = tab.browser.new_tab().await.unwrap();
    tab.browser.switch_to_window(second).await.unwrap();
    before_each_page(&tab, LATE).await;
    tab.open("/users").await;
    tab.sees("You: meanwhile").await;
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn a_page_finds_who_is_gone_without_a_word() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    let (james, now) = (app.user_id("jamessmith").await, SystemClock.now());
    assert!(app.store.users().mark_present(james, now).await.unwrap());
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    eventually("James is here", || async {
        (tab.texts("#inbox .presence").await == ["online"]).then_some(())
    })
    .await;
    // As if James's node had died some minutes ago.
    let died = "UPDATE users SET present_at = present_at - 180000 WHERE present_at < ";
    app.database
        .execute(&format!("{died}{}", now.unix_millis() + 1))
        .await;
    let look = Duration::from_secs(35);
    within(look, "James is seen to be gone", || async {
        (tab.texts("#inbox .presence").await != ["online"]).then_some(())
    })
    .await;
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn a_page_has_one_stream_however_often_the_network_comes_and_goes() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    before_each_page(&tab, STREAMS).await;
    tab.sign_in("davidjones").await;
    let is_open = "streams.at(-1)?.readyState === EventSource.OPEN";
    tab.holds(is_open).await;
    let blinks = "for (let n = 0; n < 5; n += 1) {
        dispatchEvent(new Event('offline'));
        dispatchEvent(new Event('online'));
    }";
    tab.browser.execute(blinks, vec![]).await.unwrap();
    tab.holds(&format!("streams.length > 1 && {is_open}")).await;
    let left: usize = tab
        .eval("streams.filter((stream) => stream.readyState !== EventSource.CLOSED).length")
        .await;
    assert_eq!(left, 1);
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn the_pane_that_was_asked_for_last_is_shown() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    app.message("marybrown", "davidjones", "hello").await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    // The conversation with James comes late, if it still comes.
    let late = "const real = window.fetch;
        window.fetch = async (path, ...rest) => {
            if (!String(path).endsWith('/jamessmith')) return real(path, ...rest);
            await new Promise((later) => setTimeout(later, 1_500));
            setTimeout(() => { window.isLate = true; }, 1_000);
            return real(path, ...rest);
        };";
    tab.browser.execute(late, vec![]).await.unwrap();
    tab.follow("#inbox a[href='/conversations/jamessmith']")
        .await;
    tab.follow("#inbox a[href='/conversations/marybrown']")
        .await;
    tab.holds("document.querySelector('#composer[data-ready]')")
        .await;
    tab.write("for Mary").await;
    tab.holds("window.isLate").await;
    tab.write(" alone").await;
    assert_eq!(tab.written().await, "for Mary alone");
    let url = tab.browser.current_url().await.unwrap();
    assert_eq!(url.path(), "/conversations/marybrown");
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_on_the_device_stops_nothing() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    let break_it = "for (const [n, text] of ['{', 'null', '7', '{}'].entries())
        localStorage[`davidjones outbox ${n}`] = text;";
    tab.browser.execute(break_it, vec![]).await.unwrap();
    tab.converse("jamessmith").await;
    tab.write("still works").await;
    tab.press("Send").await;
    tab.has_stored("still works").await;
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn what_has_come_is_said_while_more_comes_and_again_when_it_was_not_heard() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    let james = app.signed_in("jamessmith").await;
    before_each_page(&tab, STREAMS).await;
    tab.sign_in("davidjones").await;
    tab.holds("streams.at(-1)?.readyState === EventSource.OPEN")
        .await;
    // Something comes all the time, and the first word of what has come is lost.
    let busy = "let lost = 0;
        const real = window.fetch;
        window.fetch = (path, ...rest) => String(path).endsWith('/delivered') && !lost++
            ? Promise.reject(new TypeError('lost')) : real(path, ...rest);
        setInterval(() => streams.at(-1).dispatchEvent(new MessageEvent('message', { data: '' })), 50);";
    tab.browser.execute(busy, vec![]).await.unwrap();
    let path = "/conversations/davidjones/messages";
    james
        .post_htmx(path, &[("body", "hello")])
        .await
        .expect(200);
    eventually("James sees that it has come", || async {
        let seen = james.get("/api/v1/conversations/davidjones").await.json();
        (seen["peer_delivered_seq"] == 1).then_some(())
    })
    .await;
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
