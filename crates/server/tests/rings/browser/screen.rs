use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

/// A browser window as narrow as a phone, or as a desktop at 400 %.
async fn narrow(tab: &Tab, width: u32, height: u32) {
    let screen = serde_json::json!({
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
    });
    let cdp = tab.browser.cdp();
    cdp.send_raw("Emulation.setDeviceMetricsOverride", screen)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_narrow_screen_has_one_pane_at_a_time_with_and_without_javascript() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    let chromium = Chromium::start().await;
    for javascript in [true, false] {
        let david = Tab::fresh(&chromium, &app, javascript).await;
        narrow(&david, 360, 740).await;
        david.sign_in("davidjones").await;
        let shown = async |css| david.find(css).await.is_displayed().await.unwrap();
        assert!(shown("#inbox").await && !shown("main").await);
        david
            .follow("#inbox a[href='/conversations/jamessmith']")
            .await;
        david.sees("hello").await;
        assert!(!shown("#inbox").await && shown("#composer").await);
        david.follow(".back").await;
        david.sees("Sign out").await;
        assert!(shown("#inbox").await && !shown("main").await);
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
    let long = "x".repeat(500);
    let link = format!("https://example.org/{long}");
    let wide = "שלום עולם, this goes both ways";
    for text in [long.as_str(), link.as_str(), wide] {
        app.message("jamessmith", "davidjones", text).await;
        app.message("davidjones", "jamessmith", text).await;
    }
    app.add_user(&"u".repeat(150), &"W".repeat(100)).await;
    app.message(&"u".repeat(150), "davidjones", &long).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    narrow(&david, 320, 256).await;
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
        "/nowhere",
    ] {
        david.open(path).await;
        let wider: Vec<String> = david
            .eval(
                "[...document.querySelectorAll('body, body *')].filter((element) => \
                 element.checkVisibility() && !element.closest('.hidden, .skip, dialog, .preview') && \
                 element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 200))",
            )
            .await;
        assert_eq!(wider, Vec::<String>::new(), "{path}");
        let scrolls: bool = david
            .eval("document.documentElement.scrollWidth > innerWidth")
            .await;
        assert!(!scrolls, "{path}");
    }
    // One can still see what one writes, and what one answers to.
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

#[tokio::test]
async fn the_theme_is_the_devices_until_one_is_chosen() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    let background = "getComputedStyle(document.body).backgroundColor";
    let prefer = async |scheme: &str| {
        let media = serde_json::json!({
            "features": [{ "name": "prefers-color-scheme", "value": scheme }],
        });
        let cdp = david.browser.cdp();
        cdp.send_raw("Emulation.setEmulatedMedia", media)
            .await
            .unwrap();
    };
    david.sign_in("davidjones").await;
    let mut seen = Vec::new();
    for (scheme, chosen) in [
        ("light", ""),
        ("dark", ""),
        ("dark", "light"),
        ("light", "dark"),
    ] {
        prefer(scheme).await;
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
