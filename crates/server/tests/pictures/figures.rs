use std::time::Duration;

use serde_json::json;

use crate::browser::chromium::Chromium;
use crate::browser::tab::Tab;
use crate::support::{Database, TestApp, within};

/// How many messages are scrolled through.
const HISTORY: usize = 5_000;
/// How many come as fast as they can be sent.
const BURST: usize = 200;

/// Writes down what keeps the page from answering: tasks of 50 ms and more, which is what browsers
/// call long, and the longest time without a frame.
const WATCH: &str = "
    window.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)))
        .observe({ type: 'longtask', buffered: true });
    window.slow = [];
    new PerformanceObserver((list) => slow.push(...list.getEntries())).observe({ type: 'long-animation-frame' });
    window.frame = performance.now();
    window.longest = 0;
    requestAnimationFrame(function next(now) {
        longest = Math.max(longest, now - frame);
        frame = now;
        requestAnimationFrame(next);
    });
";

/// Scrolls up until there is nothing older, then down again, a pane at each frame.
const SCROLL: &str = "return (async () => {
    const history = document.querySelector('.history');
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    while (document.querySelector('#messages > .more')) {
        history.scrollTop -= 600;
        await frame();
    }
    while (history.scrollTop < -1) {
        history.scrollTop += 600;
        await frame();
    }
    return document.querySelectorAll('#messages .message').length;
})()";

#[tokio::test]
async fn figures() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=HISTORY {
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
    first_visit(&david).await;

    david.browser.execute(WATCH, vec![]).await.unwrap();
    david
        .browser
        .set_script_timeout(Duration::from_mins(5))
        .await
        .unwrap();
    let shown = david.browser.execute(SCROLL, vec![]).await.unwrap();
    assert_eq!(shown.convert::<usize>().unwrap(), HISTORY);
    report(&david, &format!("scrolling through {HISTORY} messages")).await;

    let james = app.signed_in("jamessmith").await;
    let sends = (0..BURST).map(|n| {
        let body = json!({ "body": format!("burst {n}") });
        let james = &james;
        async move {
            let path = "/api/v1/conversations/davidjones/messages";
            james.post_json(path, &body).await.expect(201);
        }
    });
    let typing = async {
        for _ in 0..20 {
            david.write("x").await;
        }
    };
    tokio::join!(futures_util::future::join_all(sends), typing);
    within(Duration::from_secs(60), "all have come", || async {
        let burst = "[...document.querySelectorAll('#messages .bubble')].slice(-200) \
            .filter((bubble) => bubble.textContent.includes('burst')).length";
        (david.eval::<usize>(burst).await == BURST).then_some(())
    })
    .await;
    report(
        &david,
        &format!("{BURST} messages in a burst, below {HISTORY}"),
    )
    .await;
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

/// What comes over the wire for the first page of a browser, and how far it moves.
async fn first_visit(tab: &Tab) {
    let cdp = tab.browser.cdp();
    for command in ["Network.enable", "Network.clearBrowserCache"] {
        cdp.send_raw(command, json!({})).await.unwrap();
    }
    tab.converse("jamessmith").await;
    let loaded: Vec<(String, f64)> = tab
        .eval(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')] \
             .map((entry) => [new URL(entry.name).pathname, entry.transferSize])",
        )
        .await;
    for (path, bytes) in &loaded {
        println!("first visit: {bytes:>6} bytes {path}");
    }
    let total: f64 = loaded.iter().map(|(_, bytes)| bytes).sum();
    println!("first visit: {total:>6} bytes in all");
    let shift: f64 = tab
        .eval(
            "new Promise((resume) => { new PerformanceObserver((list) => resume(list.getEntries() \
             .reduce((sum, entry) => sum + entry.value, 0))).observe({ type: 'layout-shift', buffered: true }); \
             setTimeout(resume, 500, 0); })",
        )
        .await;
    println!("first visit: layout shift {shift}");
}

/// Says what was written down since the last report.
async fn report(tab: &Tab, what: &str) {
    let (tasks, longest): (Vec<f64>, f64) = tab
        .eval("[tasks.splice(0), [longest, longest = 0][0]]")
        .await;
    let longest_task = tasks.iter().copied().fold(0.0, f64::max);
    println!(
        "{what}: {} tasks of 50 ms and more, the longest {longest_task:.0} ms; longest without a frame {longest:.0} ms",
        tasks.len()
    );
    let slowest: Vec<String> = tab
        .eval(
            "slow.splice(0).sort((one, other) => other.duration - one.duration).slice(0, 3).map((frame) => \
             `${Math.round(frame.duration)} ms, of which ${Math.round(frame.startTime + frame.duration - \
             (frame.styleAndLayoutStart || frame.startTime + frame.duration))} in layout: ` + \
             frame.scripts.map((script) => `${script.invoker} ${script.sourceFunctionName} ${Math.round(script.duration)} ms \
             (${Math.round(script.forcedStyleAndLayoutDuration)} in layout)`).join(', '))",
        )
        .await;
    for frame in slowest {
        println!("  a slow frame: {frame}");
    }
}
