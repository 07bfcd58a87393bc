use std::path::{Path, PathBuf};

use serde_json::json;

use crate::browser::chromium::Chromium;
use crate::browser::tab::Tab;
use crate::support::{Database, TestApp, TestStream};

const WIDE: (u32, u32) = (1280, 800);
const NARROW: (u32, u32) = (360, 740);

/// Takes pictures of one tab into a folder.
struct Camera<'a> {
    tab: &'a Tab,
    folder: PathBuf,
}

impl Camera<'_> {
    /// All four pictures of what is shown: wide and narrow, light and dark.
    async fn take(&self, name: &str) {
        for (width, screen) in [("wide", WIDE), ("narrow", NARROW)] {
            for scheme in ["light", "dark"] {
                let file = self.folder.join(format!("{name}-{width}-{scheme}.png"));
                self.take_one(screen, scheme, &file).await;
            }
        }
        println!("{name}");
    }

    async fn take_one(&self, (width, height): (u32, u32), scheme: &str, file: &Path) {
        let browser = &self.tab.browser;
        // Twice as sharp as the layout, for screens that show it.
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": 2, "mobile": false,
        });
        browser
            .cdp()
            .send_raw("Emulation.setDeviceMetricsOverride", screen)
            .await
            .unwrap();
        self.tab.prefer("prefers-color-scheme", scheme).await;
        // A caret blinks, and would be in every other picture.
        let calm = "document.body.style.caretColor = 'transparent'; \
            return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))";
        browser.execute(calm, vec![]).await.unwrap();
        browser.screenshot(file).await.unwrap();
    }
}

/// The same pictures at each run: the messages of the fixtures have dates of their own.
#[tokio::test]
async fn pictures() {
    let folder = |name| PathBuf::from(std::env::var_os(name).expect("run cargo xtask screenshots"));
    let (folder, images) = (folder("PICTURES"), folder("IMAGES"));
    let app = TestApp::start(Database::sqlite()).await;
    app.load_fixtures("davidjones", "jamessmith").await;
    let [mary, james] = [
        app.signed_in("marybrown").await,
        app.signed_in("jamessmith").await,
    ];
    for (client, seq) in [(&mary, "4"), (&james, "9")] {
        let up_to = [("seq", seq)];
        let path = "/conversations/davidjones/read";
        client.post_htmx(path, &up_to).await.expect(204);
    }
    app.database
        .execute(
            "UPDATE users SET last_seen_at = unixepoch() * 1000 - 7500000 WHERE username = 'marybrown'",
        )
        .await;
    let _james_is_here = TestStream::open(&james, "/events", "").await;

    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    let zone = json!({ "timezoneId": "Europe/Berlin" });
    let cdp = tab.browser.cdp();
    cdp.send_raw("Emulation.setTimezoneOverride", zone)
        .await
        .unwrap();
    let camera = Camera { tab: &tab, folder };

    tab.open("/login").await;
    camera.take("sign-in").await;
    tab.field("password")
        .await
        .send_keys("wrong")
        .await
        .unwrap();
    tab.field("username")
        .await
        .send_keys("davidjones")
        .await
        .unwrap();
    tab.press("Sign in").await;
    tab.sees("do not belong together").await;
    camera.take("sign-in-refused").await;
    tab.sign_in("davidjones").await;
    tab.open("/conversations").await;
    camera.take("inbox").await;
    for (path, name) in [
        ("/users", "people"),
        ("/users?q=smi", "search"),
        ("/users?q=nobody", "search-without-results"),
        ("/settings", "settings"),
        ("/nowhere", "not-found"),
    ] {
        tab.open(path).await;
        camera.take(name).await;
    }
    tab.converse("robertwilliams").await;
    camera.take("conversation-empty").await;
    tab.browser
        .execute("document.getElementById('shortcuts').showPopover()", vec![])
        .await
        .unwrap();
    camera.take("shortcuts").await;

    tab.converse("marybrown").await;
    camera.take("unread").await;
    tab.converse("jamessmith").await;
    tab.sees("Same again next month?").await;
    camera.take("conversation").await;
    for (screen, scheme, file) in [
        (WIDE, "light", "conversation.png"),
        (NARROW, "dark", "conversation-narrow.png"),
    ] {
        camera.take_one(screen, scheme, &images.join(file)).await;
    }

    let typing = "/conversations/davidjones/typing";
    james.post_htmx(typing, &[]).await.expect(204);
    tab.sees("is typing…").await;
    camera.take("typing").await;
    tab.offline(true).await;
    tab.write("Shall I bring the good plates?").await;
    tab.press("Send").await;
    tab.sees("Not sent").await;
    tab.sees("No connection.").await;
    camera.take("offline").await;
    tab.offline(false).await;
    tab.close(&["404", "401", "Failed to fetch", "ERR_"]).await;
    drop(chromium);
    app.stop().await;
}
