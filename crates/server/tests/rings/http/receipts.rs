//! Read receipts: shared both ways, or not at all.

use reqwest::Method;
use serde_json::{Value, json};

use super::answers::{is_page, send};
use crate::support::{TestApp, TestClient, TestStream, on_both_databases};

const EVENTS: &str = "/api/v1/events";

async fn turn(client: &TestClient, value: &str) {
    let form = [("read_receipts", value)];
    let done = client.post_form("/settings/receipts", &form).await;
    assert_eq!(
        done.expect(303).header("location"),
        "/settings?done=receipts"
    );
}

async fn mark(client: &TestClient, with: &str, position: &str, seq: i64) {
    let path = format!("/api/v1/conversations/{with}/{position}");
    let body = json!({ "seq": seq });
    client.json(Method::PUT, &path, &body).await.expect(204);
}

/// What the client is shown of the other one, delivered and read: by both routes of the API.
async fn shown(client: &TestClient, with: &str) -> [Value; 2] {
    let path = format!("/api/v1/conversations/{with}");
    let one = client.get(&path).await.expect(200).json();
    let inbox = client.get("/api/v1/conversations").await.expect(200).json();
    let of = |it: &Value| ["peer_delivered_seq", "peer_read_seq"].map(|key| it[key].clone());
    let items = inbox["items"].as_array().unwrap();
    let listed = items.iter().find(|item| item["with"]["username"] == with);
    assert_eq!(of(&one), of(listed.unwrap()));
    of(&one)
}

/// How often each word stands beside a message of the page: sent, delivered, read.
async fn words(client: &TestClient, with: &str) -> [usize; 3] {
    let page = client.get(&format!("/conversations/{with}")).await;
    is_page(&page, 200);
    ["Sent", "Delivered", "Read"].map(|word| page.text.matches(&format!(">{word}</span>")).count())
}

on_both_databases! {
    async fn turned_off_nobody_sees_what_one_reads_nor_one_what_others_do(app: &TestApp) {
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        for text in ["one", "two", "three"] {
            send(&david, "jamessmith", text).await;
        }
        mark(&james, "davidjones", "read", 1).await;
        assert_eq!(shown(&david, "jamessmith").await, [1, 1]);
        assert_eq!(words(&david, "jamessmith").await, [2, 0, 1]);

        turn(&james, "off").await;
        mark(&james, "davidjones", "read", 2).await;
        // What was read was delivered, and that is still seen.
        assert_eq!(shown(&david, "jamessmith").await, [json!(2), Value::Null]);
        assert_eq!(words(&david, "jamessmith").await, [1, 2, 0]);
        let news = david.get_pane("/conversations/jamessmith/messages?after=3").await;
        assert!(news.text.contains("data-delivered=\"2\"></template>"), "{}", news.text);
        // James knows what he has read, and no longer what David has.
        let own = james.get("/api/v1/conversations/davidjones").await.json();
        assert_eq!((&own["read_seq"], &own["unread"]), (&json!(2), &json!(1)));
        assert_eq!(shown(&james, "davidjones").await, [json!(3), Value::Null]);
        send(&james, "davidjones", "an answer").await;
        mark(&david, "jamessmith", "read", 4).await;
        assert_eq!(shown(&james, "davidjones").await, [json!(4), Value::Null]);
        assert_eq!(words(&james, "davidjones").await, [0, 1, 0]);
        // Between others nothing is hidden.
        let mary = app.signed_in("marybrown").await;
        send(&david, "marybrown", "hello").await;
        mark(&mary, "davidjones", "read", 1).await;
        assert_eq!(shown(&david, "marybrown").await, [1, 1]);

        turn(&james, "on").await;
        assert_eq!(shown(&david, "jamessmith").await, [4, 4]);
        assert_eq!(words(&james, "davidjones").await, [0, 0, 1]);
    }

    async fn what_is_read_in_silence_is_told_to_ones_own_pages_only(app: &TestApp) {
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        turn(&james, "off").await;
        for text in ["one", "two", "three"] {
            send(&david, "jamessmith", text).await;
        }
        let mut of_david = TestStream::open(&david, EVENTS, "").await;
        let mut of_james = TestStream::open(&james, EVENTS, "").await;
        for stream in [&mut of_david, &mut of_james] {
            for _ in 0..3 {
                // Sent within the last minute.
                assert_eq!(stream.news().await.name, "message");
            }
        }
        assert_eq!(of_david.news().await.name, "presence");

        mark(&james, "davidjones", "delivered", 1).await;
        mark(&james, "davidjones", "read", 1).await;
        mark(&james, "davidjones", "read", 2).await;
        for seq in [1, 2] {
            let told = of_james.news().await;
            let read = json!({ "with": "davidjones", "reader": "jamessmith", "seq": seq });
            assert_eq!((told.name.as_str(), told.json()), ("read", read));
        }
        // Of the first David knew that it was delivered, of the second he did not.
        for seq in [1, 2] {
            let told = of_david.news().await;
            let delivered = json!({ "with": "jamessmith", "seq": seq });
            assert_eq!((told.name.as_str(), told.json()), ("delivered", delivered));
        }
        // Nor is James told what David reads.
        send(&james, "davidjones", "an answer").await;
        assert_eq!(of_david.news().await.name, "message");
        assert_eq!(of_james.news().await.name, "message");
        mark(&david, "jamessmith", "read", 4).await;
        assert_eq!(of_david.news().await.name, "read");
        let told = of_james.news().await;
        let delivered = json!({ "with": "davidjones", "seq": 4 });
        assert_eq!((told.name.as_str(), told.json()), ("delivered", delivered));

        turn(&james, "on").await;
        mark(&james, "davidjones", "read", 4).await;
        send(&david, "jamessmith", "the last").await;
        assert_eq!(of_david.news().await.name, "message");
        mark(&james, "davidjones", "read", 5).await;
        let told = of_david.news().await;
        let read = json!({ "with": "jamessmith", "reader": "jamessmith", "seq": 5 });
        assert_eq!((told.name.as_str(), told.json()), ("read", read));
    }

    async fn the_settings_say_whether_receipts_are_on_and_offer_the_other(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        for (value, state, offered) in [("off", "off", "on"), ("off", "off", "on"), ("on", "on", "off")] {
            turn(&david, value).await;
            let page = david.get("/settings?done=receipts").await;
            is_page(&page, 200);
            let said = format!("Read receipts are <strong>{state}</strong>");
            assert!(page.text.contains(&said), "{}", page.text);
            let button = format!("name=\"read_receipts\" value=\"{offered}\"");
            assert!(page.text.contains(&button), "{}", page.text);
        }
        for bad in ["", "ON", "true"] {
            let form = [("read_receipts", bad)];
            is_page(&david.post_form("/settings/receipts", &form).await, 422);
        }
    }
}
