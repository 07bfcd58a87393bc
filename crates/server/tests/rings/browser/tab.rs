use std::net::SocketAddr;

use thirtyfour::Key;
use thirtyfour::prelude::*;

use super::chromium::{Chromium, faults};
use crate::support::{TestApp, eventually};

/// A browser on the server under test.
pub(crate) struct Tab {
    pub(crate) browser: WebDriver,
    address: SocketAddr,
}

impl Tab {
    /// A tab of a fresh browser, with or without JavaScript.
    pub(crate) async fn fresh(chromium: &Chromium, app: &TestApp, javascript: bool) -> Self {
        Self::at(app.address, chromium.browser(javascript).await)
    }

    /// A browser that finds the server at this address.
    pub(crate) fn at(address: SocketAddr, browser: WebDriver) -> Self {
        Self { browser, address }
    }

    /// Closes it, after seeing that its pages had no error but `expected` ones.
    pub(crate) async fn close(self, expected: &[&str]) {
        let faults = faults(&self.browser).await;
        let unexpected = |fault: &&str| !expected.iter().any(|known| fault.contains(known));
        assert_eq!(
            faults.lines().filter(unexpected).collect::<Vec<_>>(),
            Vec::<&str>::new()
        );
        self.browser.quit().await.unwrap();
    }

    /// Cuts the browser off from the network, or lets it back.
    pub(crate) async fn offline(&self, offline: bool) {
        self.emulate_network(offline, 0).await;
    }

    /// Every answer arrives this many milliseconds late.
    pub(crate) async fn slow_down(&self, latency: u32) {
        self.emulate_network(false, latency).await;
    }

    async fn emulate_network(&self, offline: bool, latency: u32) {
        let conditions = serde_json::json!({
            "offline": offline, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        let cdp = self.browser.cdp();
        cdp.send_raw("Network.enable", serde_json::json!({}))
            .await
            .unwrap();
        cdp.send_raw("Network.emulateNetworkConditions", conditions)
            .await
            .unwrap();
    }

    /// Gives the window this width and height, in CSS pixels.
    pub(crate) async fn resize(&self, (width, height): (u32, u32)) {
        let screen = serde_json::json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        let cdp = self.browser.cdp();
        cdp.send_raw("Emulation.setDeviceMetricsOverride", screen)
            .await
            .unwrap();
    }

    /// The device is in this time zone.
    pub(crate) async fn be_in(&self, zone: &str) {
        let zone = serde_json::json!({ "timezoneId": zone });
        let cdp = self.browser.cdp();
        cdp.send_raw("Emulation.setTimezoneOverride", zone)
            .await
            .unwrap();
    }

    /// The device prefers this: a media feature and its value.
    pub(crate) async fn prefer(&self, feature: &str, value: &str) {
        let media = serde_json::json!({ "features": [{ "name": feature, "value": value }] });
        let cdp = self.browser.cdp();
        cdp.send_raw("Emulation.setEmulatedMedia", media)
            .await
            .unwrap();
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, css: &str) -> WebElement {
        let found = self.browser.query(By::Css(css)).desc(css);
        found.first().await.unwrap()
    }

    /// What stands in the composer.
    pub(crate) async fn written(&self) -> String {
        self.field("body")
            .await
            .prop("value")
            .await
            .unwrap()
            .unwrap_or_default()
    }

    /// Waits until there is exactly one stored bubble with this text.
    pub(crate) async fn has_stored(&self, message: &str) {
        eventually(&format!("{message:?} is stored and shown once"), || async {
            let stored = "#messages .message:not(.pending):not(.failed) .bubble";
            let bubbles = self.texts(stored).await;
            (bubbles
                .iter()
                .filter(|text| text.ends_with(message))
                .count()
                == 1)
                .then_some(())
        })
        .await;
    }

    pub(crate) async fn open(&self, path: &str) {
        let url = format!("http://{}{path}", self.address);
        self.browser.goto(url).await.unwrap();
    }

    pub(crate) async fn sign_in(&self, username: &str) {
        self.open("/login").await;
        self.fill_in(username).await;
        self.sees("Conversations").await;
    }

    /// Opens a conversation, and waits until the script has taken it over.
    pub(crate) async fn converse(&self, with: &str) {
        self.open(&format!("/conversations/{with}")).await;
        self.holds("document.querySelector('#composer[data-ready]')")
            .await;
    }

    /// What this script expression gives.
    pub(crate) async fn eval<T: serde::de::DeserializeOwned>(&self, expression: &str) -> T {
        let script = format!("return {expression}");
        let value = self.browser.execute(&script, vec![]).await.unwrap();
        value.convert().unwrap()
    }

    /// Waits until this script expression is true.
    pub(crate) async fn holds(&self, expression: &str) {
        eventually(expression, || async {
            let script = format!("return Boolean({expression})");
            // Between two pages there is none to ask.
            let value = self.browser.execute(&script, vec![]).await.ok()?;
            value.convert::<bool>().ok()?.then_some(())
        })
        .await;
    }

    /// Presses keys where the focus is; `with` is held down meanwhile.
    pub(crate) async fn keys(&self, with: Option<Key>, key: impl Into<char>) {
        let mut chain = self.browser.action_chain();
        if let Some(with) = &with {
            chain = chain.key_down(with.clone());
        }
        chain = chain.send_keys(key.into().to_string());
        if let Some(with) = with {
            chain = chain.key_up(with);
        }
        chain.perform().await.unwrap();
    }

    /// Fills in the sign-in form that is shown.
    pub(crate) async fn fill_in(&self, username: &str) {
        self.field("username")
            .await
            .send_keys(username)
            .await
            .unwrap();
        self.field("password")
            .await
            .send_keys("password")
            .await
            .unwrap();
        self.press("Sign in").await;
    }

    pub(crate) async fn field(&self, id: &str) -> WebElement {
        self.browser
            .query(By::Id(id))
            .desc(id)
            .single()
            .await
            .unwrap()
    }

    /// Types a message, key by key.
    pub(crate) async fn write(&self, message: &str) {
        self.field("body").await.send_keys(message).await.unwrap();
    }

    /// Puts a message into the composer in place of what is there.
    pub(crate) async fn paste(&self, message: &str) {
        let script = "const area = document.getElementById('body'); area.value = arguments[0]; \
            area.dispatchEvent(new Event('input', { bubbles: true }));";
        self.browser
            .execute(script, vec![message.into()])
            .await
            .unwrap();
    }

    pub(crate) async fn press(&self, button: &str) {
        let xpath = format!("//button[normalize-space()='{button}']");
        self.browser
            .query(By::XPath(xpath))
            .desc(button)
            .first()
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
    }

    /// Clicks a link, once it is there and can be clicked.
    pub(crate) async fn follow(&self, css: &str) {
        eventually(&format!("{css} can be followed"), || async {
            let link = self.browser.find(By::Css(css)).await.ok()?;
            link.scroll_into_view().await.ok()?;
            link.click().await.ok()
        })
        .await;
    }

    /// The texts of these elements, also of those that are scrolled out of sight.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.browser.find_all(By::Css(css)).await.unwrap() {
            // An element that was swapped out meanwhile has no text.
            texts.extend(element.prop("textContent").await.ok().flatten());
        }
        texts
    }

    /// Waits until the page shows this.
    pub(crate) async fn sees(&self, text: &str) {
        eventually(&format!("the page shows {text:?}"), || async {
            let body = self.browser.find(By::Tag("body")).await.ok()?;
            body.text().await.ok()?.contains(text).then_some(())
        })
        .await;
    }
}
