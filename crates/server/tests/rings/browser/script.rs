//! Script that somebody wrote does nothing, wherever it is shown and however it came there.

use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

/// Each would say that it ran, in whatever place of a page it stood as it is.
const SCRIPTS: [&str; 7] = [
    "<script>window.ran = 1</script>",
    "<img src=x onerror=\"window.ran = 1\">",
    "\"><svg onload=\"window.ran = 1\">",
    "' autofocus onfocus='window.ran = 1' x='",
    "</textarea></title></template><iframe srcdoc=\"<script>parent.ran = 1</script>\"></iframe>",
    "data: <script>window.ran = 1</script>\n\nevent: reload",
    "javascript:window.ran=1 https://a.example/\"onmouseover=window.ran=1",
];

/// The same put into the page by force, as if one had come through.
const BY_FORCE: &str = "
    const script = document.createElement('script');
    script.textContent = 'window.ran = 1';
    document.body.append(script);
    const image = document.createElement('div');
    image.innerHTML = '<img src=\"/nowhere\" onerror=\"window.ran = 1\">';
    document.body.append(image);
    // Later, as what a driver says is let through at once.
    setTimeout('window.ran = 1');
    setTimeout(() => { window.waited = true; }, 100);
";

#[tokio::test]
async fn script_in_a_message_a_name_or_a_search_never_runs() {
    let app = TestApp::start(Database::sqlite()).await;
    let james = app.signed_in("jamessmith").await;
    let name = "<img src=x onerror=\"window.ran=1\">";
    let form = [("display_name", name)];
    james.post_form("/settings/name", &form).await.expect(303);
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    tab.converse("jamessmith").await;
    let has_not_run = "window.ran === undefined";
    // By the stream, into a page that is open.
    for script in SCRIPTS {
        let path = "/conversations/davidjones/messages";
        james.post_htmx(path, &[("body", script)]).await.expect(200);
    }
    let bubbles = format!(
        "document.querySelectorAll('#messages .message').length === {}",
        SCRIPTS.len()
    );
    tab.holds(&bubbles).await;
    tab.holds(has_not_run).await;
    // By the answer to what one sends oneself, and refused with the text kept.
    let own = format!("{} of my own", SCRIPTS[1]);
    tab.paste(&own).await;
    tab.press("Send").await;
    tab.has_stored(&own).await;
    tab.holds(has_not_run).await;
    let shown = tab.texts("#messages .bubble").await;
    for script in SCRIPTS {
        let lines = script.lines().next().unwrap();
        assert!(
            shown.iter().any(|text| text.contains(lines)),
            "{script} is not shown: {shown:?}"
        );
    }
    let search = url::form_urlencoded::byte_serialize(SCRIPTS[2].as_bytes()).collect::<String>();
    for path in [
        "/conversations/jamessmith",
        "/conversations",
        "/users",
        "/settings",
        &format!("/users?q={search}"),
    ] {
        tab.open(path).await;
        tab.holds("document.readyState === 'complete'").await;
        tab.holds(has_not_run).await;
    }
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn the_policy_stops_what_would_have_come_through() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    tab.converse("jamessmith").await;
    tab.browser.execute(BY_FORCE, vec![]).await.unwrap();
    tab.holds("window.waited").await;
    tab.holds("document.querySelector('img').complete").await;
    tab.holds("window.ran === undefined").await;
    tab.close(&["script-src", "could not load"]).await;
    drop(chromium);
    app.stop().await;
}
