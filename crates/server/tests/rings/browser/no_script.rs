use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn without_javascript_links_and_forms_search_turn_pages_mark_as_read_and_give_a_text_back() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=120 {
        app.message("jamessmith", "davidjones", &format!("message {n}."))
            .await;
    }
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, false).await;
    david.sign_in("davidjones").await;

    david.field("q").await.send_keys("bro").await.unwrap();
    david.press("Search").await;
    david.sees("@marybrown").await;
    assert_eq!(david.texts("#people .name").await, ["Mary Brown"]);

    david.open("/conversations/jamessmith").await;
    david.follow("#messages .more a").await;
    david.sees("message 70.").await;
    let bubbles = david.texts("#messages .bubble").await;
    assert!(bubbles[0].ends_with("message 21."), "{}", bubbles[0]);
    david.open("/conversations/jamessmith").await;
    assert_eq!(david.texts("#inbox .unread").await, ["120 unread"]);
    assert_eq!(david.texts("#unread").await, Vec::<String>::new());
    david.press("Mark as read").await;
    david.sees("message 120.").await;
    assert_eq!(david.texts("#inbox .unread").await, Vec::<String>::new());

    // A text that is refused stands in the form, with the reason.
    david.write(" ").await;
    david.press("Send").await;
    david.sees("A message must").await;
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
