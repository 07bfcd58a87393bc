//! axe-core finds nothing wrong on any page, in any state, wide and narrow, light and dark.

use super::chromium::Chromium;
use super::screen::{NARROW, WIDE};
use super::tab::Tab;
use crate::support::{Database, TestApp};

/// Looks at states of pages with axe-core, and writes down what it finds.
struct Auditor {
    found: Vec<String>,
}

const AUDIT: &str = "axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => \
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`)))";

impl Auditor {
    /// One that comes along to every page that this tab opens from now on.
    async fn join(tab: &Tab) -> Self {
        let path = std::env::var("TEST_AXE")
            .expect("TEST_AXE is not set: run the tests with `cargo xtask test`");
        let axe = serde_json::json!({ "source": std::fs::read_to_string(path).unwrap() });
        let cdp = tab.browser.cdp();
        cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", axe)
            .await
            .unwrap();
        Self { found: Vec::new() }
    }

    async fn look_at(&mut self, tab: &Tab, state: &str) {
        for (width, screen) in [("narrow", NARROW), ("wide", WIDE)] {
            tab.resize(screen).await;
            for scheme in ["dark", "light"] {
                tab.prefer("prefers-color-scheme", scheme).await;
                let found: Vec<String> = tab.eval(AUDIT).await;
                let place = |fault| format!("{state}, {width}, {scheme}: {fault}");
                self.found.extend(found.into_iter().map(place));
            }
        }
    }

    fn has_found_nothing(self) {
        assert!(self.found.is_empty(), "{}", self.found.join("\n"));
    }
}

#[tokio::test]
async fn pages_of_somebody_who_is_not_signed_in() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    let mut auditor = Auditor::join(&tab).await;
    tab.open("/login").await;
    auditor.look_at(&tab, "sign-in").await;
    tab.open("/users").await;
    auditor.look_at(&tab, "sign-in to go on").await;
    tab.field("username").await.send_keys("mary").await.unwrap();
    tab.field("password").await.send_keys("no").await.unwrap();
    tab.press("Sign in").await;
    tab.sees("do not belong together").await;
    auditor.look_at(&tab, "sign-in refused").await;
    tab.open("/nowhere").await;
    auditor.look_at(&tab, "not found").await;
    auditor.has_found_nothing();
    tab.close(&["401", "404"]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn lists_and_settings() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    let mut auditor = Auditor::join(&tab).await;
    tab.sign_in("davidjones").await;
    auditor.look_at(&tab, "an empty inbox").await;
    for n in 0..60 {
        let username = format!("person{n}");
        app.add_user(&username, &format!("Person {n}")).await;
        app.message(&username, "davidjones", "hello").await;
    }
    for (path, state) in [
        ("/conversations", "a full inbox"),
        ("/users", "people"),
        ("/users?q=person1", "a search"),
        ("/users?q=nobody", "a search without results"),
        ("/settings", "settings"),
        ("/settings?done=name", "settings after a change"),
    ] {
        tab.open(path).await;
        auditor.look_at(&tab, state).await;
    }
    for (field, typed) in [
        ("old_password", "wrong"),
        ("new_password", "correct horse"),
        ("new_password_again", "correct horse"),
    ] {
        tab.field(field).await.send_keys(typed).await.unwrap();
    }
    tab.press("Change password").await;
    tab.sees("This is not your password so far.").await;
    auditor.look_at(&tab, "settings with an error").await;
    auditor.has_found_nothing();
    tab.close(&["422"]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn conversations_and_what_goes_wrong_in_them() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=60 {
        app.message(
            "davidjones",
            "jamessmith",
            &format!("mine {n}, https://example.org"),
        )
        .await;
    }
    let james = app.signed_in("jamessmith").await;
    let path = "/conversations/davidjones/read";
    james.post_htmx(path, &[("seq", "58")]).await.expect(204);
    for n in 1..=30 {
        app.message("jamessmith", "davidjones", &format!("unread {n}"))
            .await;
    }
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    let mut auditor = Auditor::join(&tab).await;
    tab.sign_in("davidjones").await;
    tab.converse("marybrown").await;
    auditor.look_at(&tab, "an empty conversation").await;
    tab.follow(".account button[popovertarget=shortcuts]").await;
    auditor.look_at(&tab, "the list of keys").await;
    tab.converse("jamessmith").await;
    tab.holds("document.querySelector('#unread')").await;
    auditor.look_at(&tab, "unread messages").await;
    tab.open("/conversations/jamessmith?at=20#m-20").await;
    auditor.look_at(&tab, "a piece of the past").await;

    tab.converse("jamessmith").await;
    let hold = "const real = window.fetch;
        window.fetch = (path, request) => !(request?.method === 'POST' && path.endsWith('/messages'))
            ? real(path, request)
            : new Promise((resume) => { window.letGo = () => resume(real(path, request)); });";
    tab.browser.execute(hold, vec![]).await.unwrap();
    tab.paste("On its way").await;
    tab.press("Send").await;
    tab.sees("Sending…").await;
    auditor.look_at(&tab, "a message on its way").await;
    tab.browser.execute("window.letGo()", vec![]).await.unwrap();
    tab.has_stored("On its way").await;
    tab.converse("jamessmith").await;
    tab.paste("Written in a tunnel").await;
    tab.offline(true).await;
    tab.press("Send").await;
    tab.sees("Not sent: the server could not be reached.").await;
    tab.sees("No connection. Trying again…").await;
    auditor.look_at(&tab, "a failed message, offline").await;
    tab.follow(".places a[href='/users']").await;
    tab.holds("!document.querySelector('#notice').hidden").await;
    auditor.look_at(&tab, "a page that did not come").await;
    tab.offline(false).await;

    app.database
        .execute("ALTER TABLE messages RENAME TO gone")
        .await;
    let submit = "document.querySelector('#composer').submit()";
    tab.paste("Do not lose me").await;
    tab.browser.execute(submit, vec![]).await.unwrap();
    tab.sees("Not sent").await;
    auditor.look_at(&tab, "not sent, without a script").await;
    tab.open("/conversations/jamessmith").await;
    auditor.look_at(&tab, "an error of the server").await;
    app.database
        .execute("ALTER TABLE gone RENAME TO messages")
        .await;
    auditor.has_found_nothing();
    tab.close(&["Failed to fetch", "50", "ERR_"]).await;
    drop(chromium);
    app.stop().await;
}
