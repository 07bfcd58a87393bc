//! A page that was seen before shows whatever has changed since, wherever that happened.

use reqwest::Method;
use serde_json::json;

use super::answers::send;
use crate::support::{TestApp, TestClient, TestStream, Wish, on_both_databases};

const PAGE: &str = "/conversations/jamessmith";

/// A part of a page that is kept drawn.
struct Part {
    page: &'static str,
    begin: &'static str,
}

const HISTORY: Part = Part {
    page: PAGE,
    begin: "<div id=\"messages\"",
};
const INBOX: Part = Part {
    page: "/conversations",
    begin: "<ol class=\"list\" id=\"conversations\"",
};

impl Part {
    async fn read(&self, client: &TestClient) -> String {
        let page = client.get(self.page).await.expect(200).text;
        let (_, rest) = page.split_once(self.begin).unwrap();
        let (part, _) = rest.split_once("</ol>").unwrap();
        part.to_owned()
    }

    /// What `reader` sees on a node that has drawn nothing yet, and then on the one that has drawn
    /// it before: the same, and not what it was.
    async fn assert_changed(
        &self,
        app: &TestApp,
        reader: &TestClient,
        before: &mut String,
        what: &str,
    ) {
        let fresh = app.another_as(Wish::default()).await;
        let anew = self.read(&reader.at(&fresh)).await;
        fresh.stop().await;
        assert_ne!(anew, *before, "{what} changes nothing on the page");
        assert_eq!(self.read(reader).await, anew, "{what}");
        // And once more, as it is drawn now.
        assert_eq!(self.read(reader).await, anew, "{what}");
        *before = anew;
    }
}

async fn mark(client: &TestClient, with: &str, position: &str, seq: i64) {
    let path = format!("/api/v1/conversations/{with}/{position}");
    let body = json!({ "seq": seq });
    client.json(Method::PUT, &path, &body).await.expect(204);
}

on_both_databases! {
    async fn every_change_is_shown_on_a_page_that_was_seen_before(app: &TestApp) {
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        let mut before = HISTORY.read(&david).await;

        send(&david, "jamessmith", "the first").await;
        HISTORY.assert_changed(app, &david, &mut before, "a first message").await;
        let elsewhere = app.another_as(Wish::default()).await;
        send(&james.at(&elsewhere), "davidjones", "from another node").await;
        elsewhere.stop().await;
        HISTORY.assert_changed(app, &david, &mut before, "a message from elsewhere").await;
        mark(&david, "jamessmith", "read", 2).await;
        HISTORY.assert_changed(app, &david, &mut before, "what one has read").await;
        send(&david, "jamessmith", "the third").await;
        HISTORY.assert_changed(app, &david, &mut before, "a message of one's own").await;
        mark(&james, "davidjones", "delivered", 3).await;
        HISTORY.assert_changed(app, &david, &mut before, "what was delivered").await;
        mark(&james, "davidjones", "read", 3).await;
        HISTORY.assert_changed(app, &david, &mut before, "what the other one has read").await;
        let off = [("read_receipts", "off")];
        james.post_form("/settings/receipts", &off).await.expect(303);
        HISTORY.assert_changed(app, &david, &mut before, "receipts that are not shown any more").await;
        let name = [("display_name", "Jim Smith")];
        james.post_form("/settings/name", &name).await.expect(303);
        HISTORY.assert_changed(app, &david, &mut before, "a new name").await;
        assert!(before.contains("Jim Smith"), "{before}");
    }

    async fn every_change_is_shown_in_an_inbox_that_was_seen_before(app: &TestApp) {
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        let mut before = INBOX.read(&david).await;

        send(&james, "davidjones", "the first").await;
        INBOX.assert_changed(app, &david, &mut before, "a first message").await;
        let elsewhere = app.another_as(Wish::default()).await;
        send(&james.at(&elsewhere), "davidjones", "from another node").await;
        elsewhere.stop().await;
        INBOX.assert_changed(app, &david, &mut before, "a message from elsewhere").await;
        mark(&david, "jamessmith", "delivered", 2).await;
        INBOX.assert_changed(app, &david, &mut before, "what has arrived").await;
        mark(&david, "jamessmith", "read", 1).await;
        INBOX.assert_changed(app, &david, &mut before, "what one has read").await;
        let mary = app.signed_in("marybrown").await;
        send(&mary, "davidjones", "from a third").await;
        INBOX.assert_changed(app, &david, &mut before, "another conversation").await;
        let name = [("display_name", "Jim Smith")];
        james.post_form("/settings/name", &name).await.expect(303);
        INBOX.assert_changed(app, &david, &mut before, "a new name").await;
        assert!(before.contains("Jim Smith"), "{before}");
        let mut heard = TestStream::open(&david, "/api/v1/events", "").await;
        let _here = TestStream::open(&james, "/api/v1/events", "").await;
        while heard.news().await.json()["online"] != true {}
        INBOX.assert_changed(app, &david, &mut before, "who is here").await;
        app.disable("jamessmith").await;
        INBOX.assert_changed(app, &david, &mut before, "who is not there any more").await;
        assert!(!before.contains("Jim Smith"), "{before}");
    }

    async fn a_page_that_was_seen_before_is_still_nobody_elses(app: &TestApp) {
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        send(&david, "jamessmith", "between us").await;
        assert!(HISTORY.read(&david).await.contains("between us"));
        assert!(!HISTORY.read(&app.signed_in("marybrown").await).await.contains("between us"));

        app.disable("jamessmith").await;
        david.get(PAGE).await.expect(404);
        james.get("/conversations/davidjones").await.expect(303);
        david.post_form("/logout", &[]).await.expect(303);
        david.get(PAGE).await.expect(303);
    }
}
