use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

/// Sizes of a window, in CSS pixels: a desktop's, a phone's, and that of a desktop at 400 %.
pub(super) const WIDE: (u32, u32) = (1280, 800);
pub(super) const NARROW: (u32, u32) = (360, 740);
pub(super) const ZOOMED: (u32, u32) = (WIDE.0 / 4, WIDE.1 / 4);

#[tokio::test]
async fn a_narrow_screen_has_one_pane_at_a_time_with_and_without_javascript() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    let chromium = Chromium::start().await;
    for javascript in [true, false] {
        let david = Tab::fresh(&chromium, &app, javascript).await;
        david.resize(NARROW).await;
        david.sign_in("davidjones").await;
        let shown = async |css| david.find(css).await.is_displayed().await.unwrap();
        assert!(shown("#inbox").await && !shown("main p").await);
        david
            .follow("#inbox a[href='/conversations/jamessmith']")
            .await;
        david.sees("hello").await;
        assert!(!shown("#inbox").await && shown("#composer").await);
        david.follow(".back").await;
        david.sees("Sign out").await;
        assert!(shown("#inbox").await && !shown("main p").await);
        david.follow(".places a[href='/users']").await;
        david.sees("@marybrown").await;
        assert!(!shown("#inbox").await && shown("#q").await);
        david.close(&[]).await;
    }
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn nothing_is_wider_than_the_screen_at_320_pixels_whatever_is_written() {
    let app = TestApp::start(Database::sqlite()).await;
    let long = "x".repeat(5_000);
    let link = format!("https://example.org/{}", "y".repeat(500));
    let wide = "שלום עולם, this goes both ways";
    let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦".repeat(1_100);
    let nothing = format!("x{}y", "\u{200b}\u{200d}\u{feff}".repeat(2_600));
    let stacked = format!("e{}", "\u{301}\u{323}".repeat(200));
    let turned = "\u{202e}turned \u{2067}round \u{202d}and never back";
    for text in [&long, &link, wide, &family, &nothing, &stacked, turned] {
        app.message("jamessmith", "davidjones", text).await;
        app.message("davidjones", "jamessmith", text).await;
    }
    app.add_user(&"u".repeat(150), &"W".repeat(100)).await;
    app.message(&"u".repeat(150), "davidjones", &long).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.resize(ZOOMED).await;
    david.open("/login").await;
    is_no_wider_than_the_screen(&david, "/login").await;
    david.sign_in("davidjones").await;
    let unread_and_long = format!("/conversations/{}", "u".repeat(150));
    for path in [
        "/conversations",
        "/users",
        "/users?q=nobody",
        "/conversations/jamessmith",
        "/conversations/marybrown",
        "/conversations/jamessmith?at=1#m-1",
        &unread_and_long,
        "/settings",
        "/nowhere",
    ] {
        david.open(path).await;
        is_no_wider_than_the_screen(&david, path).await;
        let to_the_left = "document.documentElement.dir = 'rtl'";
        david.browser.execute(to_the_left, vec![]).await.unwrap();
        is_no_wider_than_the_screen(&david, &format!("{path} from right to left")).await;
    }
    // What is mine is at the end of the line, which is on the left then.
    david.open("/conversations/jamessmith").await;
    let side = "(() => { const { left, right } = document.querySelector('.mine .bubble').getBoundingClientRect(); \
        return Math.sign(left + right - innerWidth); })()";
    assert_eq!(david.eval::<i32>(side).await, 1);
    let to_the_left = "document.documentElement.dir = 'rtl'";
    david.browser.execute(to_the_left, vec![]).await.unwrap();
    assert_eq!(david.eval::<i32>(side).await, -1);
    // One can still see what one writes, and what one answers to.
    david.resize((320, 256)).await;
    david.converse("jamessmith").await;
    david.paste(&"line\n".repeat(30)).await;
    let (composer, history): (f64, f64) = david
        .eval(
            "[document.querySelector('.primary').getBoundingClientRect().bottom, \
              document.querySelector('.history').clientHeight]",
        )
        .await;
    assert!(composer <= 256.0 && history >= 60.0, "{composer} {history}");
    david.close(&["404"]).await;
    drop(chromium);
    app.stop().await;
}

/// No part of the page reaches beyond the window on either side, and it does not scroll sideways.
async fn is_no_wider_than_the_screen(tab: &Tab, page: &str) {
    let wider: Vec<String> = tab
        .eval(
            "[...document.querySelectorAll('body, body *')].filter((element) => \
             element.checkVisibility() && !element.closest('.hidden, .skip, dialog, .preview') && \
             (element.getBoundingClientRect().right > innerWidth + 1 || element.getBoundingClientRect().left < -1)) \
             .map((element) => element.outerHTML.slice(0, 200))",
        )
        .await;
    assert_eq!(wider, Vec::<String>::new(), "{page}");
    let scrolls: bool = tab
        .eval("document.documentElement.scrollWidth > innerWidth")
        .await;
    assert!(!scrolls, "{page}");
}

#[tokio::test]
async fn nothing_moves_for_who_wants_less_motion() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    let moving = "document.getAnimations().filter(({ effect }) => \
        effect.getComputedTiming().duration > 0 && effect.target.tagName === 'BODY').length";
    for (preference, count) in [("no-preference", 1), ("reduce", 0)] {
        david.prefer("prefers-reduced-motion", preference).await;
        david.open("/conversations").await;
        david.slow_down(3_000).await;
        // What is waited for is shown by a line, which pulses or stands still.
        david.follow(".places a[href='/users']").await;
        david
            .holds("document.querySelector('.htmx-request') && document.getAnimations().length")
            .await;
        assert_eq!(david.eval::<usize>(moving).await, count, "{preference}");
        david.sees("@marybrown").await;
        david.slow_down(0).await;
    }
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn the_theme_is_the_devices_until_one_is_chosen() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    let background = "getComputedStyle(document.body).backgroundColor";
    david.sign_in("davidjones").await;
    let mut seen = Vec::new();
    for (scheme, chosen) in [
        ("light", ""),
        ("dark", ""),
        ("dark", "light"),
        ("light", "dark"),
    ] {
        david.prefer("prefers-color-scheme", scheme).await;
        let cookie = format!("document.cookie = 'theme={chosen}; path=/'");
        david.browser.execute(&cookie, vec![]).await.unwrap();
        david.open("/conversations").await;
        seen.push(david.eval::<String>(background).await);
    }
    let [light, dark, chosen_light, chosen_dark] = seen.try_into().unwrap();
    assert_ne!(light, dark);
    assert_eq!((chosen_light, chosen_dark), (light, dark));
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
