use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp, eventually};

#[tokio::test]
async fn the_three_stories_with_and_without_javascript() {
    let app = TestApp::start(Database::sqlite()).await;
    let written = app.load_fixtures("davidjones", "jamessmith").await;
    let (first, last) = (written.first().unwrap(), written.last().unwrap());

    let chromium = Chromium::start().await;
    for javascript in [true, false] {
        let david = Tab::fresh(&chromium, &app, javascript).await;
        david.sign_in("davidjones").await;

        // 1. All the other users.
        david.follow(".places a[href='/users']").await;
        david.sees("Sarah Johnson").await;
        let others = [
            "James Smith",
            "Jennifer Davis",
            "Mary Brown",
            "Robert Williams",
            "Sarah Johnson",
        ];
        assert_eq!(david.texts("#people .name").await, others);

        // 2. The conversation with one of them.
        david
            .follow("#people a[href='/conversations/jamessmith']")
            .await;
        eventually("the first and the last message are there", || async {
            let bubbles = david.texts("#messages .bubble").await;
            let shown = |text: &str| bubbles.iter().any(|bubble| bubble.ends_with(text));
            (shown(first) && shown(last)).then_some(())
        })
        .await;
        let url = david.browser.current_url().await.unwrap();
        assert_eq!(url.path(), "/conversations/jamessmith");

        // 3. A message to them.
        let message = format!(
            "Sent with JavaScript {}",
            if javascript { "on" } else { "off" }
        );
        david.write(&message).await;
        david.press("Send").await;
        david.has_stored(&message).await;
        eventually("the composer is empty", || async {
            david.written().await.is_empty().then_some(())
        })
        .await;
        david.close(&[]).await;
    }

    let james = Tab::fresh(&chromium, &app, true).await;
    james.sign_in("jamessmith").await;
    james
        .follow("#inbox a[href='/conversations/davidjones']")
        .await;
    james.sees("Sent with JavaScript on").await;
    james.sees("Sent with JavaScript off").await;
    james.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn people_are_found_while_one_types_and_older_messages_come_by_a_piece() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=120 {
        app.message("jamessmith", "davidjones", &format!("message {n}."))
            .await;
    }
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;

    david.open("/users").await;
    david.field("q").await.send_keys("bro").await.unwrap();
    eventually("only Mary Brown is found", || async {
        (david.texts("#people .name").await == ["Mary Brown"]).then_some(())
    })
    .await;
    let url = david.browser.current_url().await.unwrap();
    assert_eq!(url.query(), Some("q=bro"));
    let focused: String = david.eval("document.activeElement.id").await;
    assert_eq!(focused, "q");

    david
        .follow("#inbox a[href='/conversations/jamessmith']")
        .await;
    david.sees("message 120.").await;
    david
        .holds("document.querySelectorAll('#messages .message').length === 50")
        .await;
    for count in [100, 120] {
        // The first one shown stays where it is while older ones come above it.
        let at_top = "const history = document.querySelector('.history'); \
            history.scrollTop = -history.scrollHeight; \
            first = document.querySelector('#messages .message'); \
            at = first.getBoundingClientRect().top;";
        david.browser.execute(at_top, vec![]).await.unwrap();
        david
            .holds(&format!(
                "document.querySelectorAll('#messages .message').length === {count}"
            ))
            .await;
        let jump: f64 = david.eval("first.getBoundingClientRect().top - at").await;
        assert!(jump.abs() < 2.0, "{jump}");
    }
    let bubbles = david.texts("#messages .bubble").await;
    for (bubble, n) in bubbles.iter().zip(1..) {
        assert!(bubble.ends_with(&format!("message {n}.")), "{bubble}");
    }
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
