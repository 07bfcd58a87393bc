use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn a_message_has_a_link_to_itself_among_its_neighbours_with_and_without_javascript() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=120 {
        app.message("jamessmith", "davidjones", &format!("message {n}."))
            .await;
    }
    let chromium = Chromium::start().await;
    for javascript in [true, false] {
        let david = Tab::fresh(&chromium, &app, javascript).await;
        david.sign_in("davidjones").await;
        david.open("/conversations/jamessmith?at=60#m-60").await;
        let marked = david.find("#m-60:target .bubble").await;
        assert!(marked.is_displayed().await.unwrap());
        let (rect, window) = (
            marked.rect().await.unwrap(),
            david.browser.get_window_rect().await.unwrap(),
        );
        assert!(0.0 < rect.y && rect.y < f64::from(i32::try_from(window.height).unwrap()));
        let bubbles = david.texts("#messages .bubble").await;
        assert!(bubbles[0].ends_with("message 36."), "{}", bubbles[0]);
        assert!(bubbles[49].ends_with("message 85."), "{}", bubbles[49]);

        // The time is the link, and what leads back to the present is there.
        let link = david.find("#m-60 .meta a").await;
        let href = link.attr("href").await.unwrap().unwrap();
        assert_eq!(href, "/conversations/jamessmith?at=60#m-60");
        david
            .follow(".more a[href='/conversations/jamessmith']")
            .await;
        david.sees("message 120.").await;
        david.field("body").await;
        david.close(&[]).await;
    }
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn times_and_days_are_those_of_the_readers_zone() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "late in the evening")
        .await;
    // 2025-03-09 23:30 UTC.
    app.database
        .execute("UPDATE messages SET sent_at = 1741563000000")
        .await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.be_in("Asia/Tokyo").await;
    david.sign_in("davidjones").await;
    david.converse("jamessmith").await;
    assert_eq!(david.texts(".day").await, ["Monday, 10 March 2025"]);
    assert_eq!(david.texts("#messages .meta time").await, ["08:30"]);
    // What comes by the stream is written in the same zone; the day begins anew.
    david.paste("now").await;
    david.press("Send").await;
    david.has_stored("now").await;
    assert_eq!(
        david.texts(".day").await,
        ["Monday, 10 March 2025", "Today"]
    );
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
