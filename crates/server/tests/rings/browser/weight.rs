use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn a_first_visit_is_light_asks_nobody_else_and_does_not_move() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=120 {
        let (from, to) = if n % 3 == 0 {
            ("davidjones", "jamessmith")
        } else {
            ("jamessmith", "davidjones")
        };
        let text = format!("This is message {n}, and it says what messages mostly say.");
        app.message(from, to, &text).await;
    }
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    let cdp = david.browser.cdp();
    for command in ["Network.enable", "Network.clearBrowserCache"] {
        cdp.send_raw(command, serde_json::json!({})).await.unwrap();
    }
    // The script has nothing to ask for but what a first visit is made of.
    david.converse("jamessmith").await;
    david.sees("This is message 120").await;
    let loaded: Vec<(String, f64)> = david
        .eval(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')] \
             .map((entry) => [entry.name, entry.transferSize])",
        )
        .await;
    let total: f64 = loaded.iter().map(|(_, size)| size).sum();
    assert!(total <= 40_000.0, "{total}: {loaded:?}");
    // Compressed, the three files and the page; what is not counted would be from the cache.
    assert!(total > 20_000.0, "{total}: {loaded:?}");
    let own = app.url("/");
    for (name, _) in &loaded {
        assert!(name.starts_with(&own), "{name}");
    }
    let shifts: f64 = david
        .eval(
            "new Promise((resume) => new PerformanceObserver((list) => resume(list.getEntries() \
             .reduce((sum, entry) => sum + entry.value, 0))).observe({ type: 'layout-shift', buffered: true }) \
             ?? setTimeout(resume, 300, 0))",
        )
        .await;
    assert!(shifts < 0.01, "{shifts}");
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
