use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp, eventually};

#[tokio::test]
async fn messages_counts_typing_and_receipts_come_by_themselves() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    let james = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    james.sign_in("jamessmith").await;
    david.open("/conversations/jamessmith").await;

    // James looks at his inbox: the entry comes, with a count that the title has too.
    david.write("Are you there?").await;
    david.press("Send").await;
    james.sees("Are you there?").await;
    assert_eq!(james.texts("#inbox .unread").await, ["1 unread"]);
    assert!(james.browser.title().await.unwrap().starts_with("(1) "));

    // He opens it: David sees that it is read, and then that James is typing.
    james
        .follow("#inbox a[href='/conversations/davidjones']")
        .await;
    eventually("the message is read", || async {
        (david.texts(".mine .receipt").await == ["Read"]).then_some(())
    })
    .await;
    james.write("Half a thought").await;
    david.sees("James Smith is typing…").await;

    // David writes meanwhile, a hundred messages: they come in order, each once, and what James
    // was typing stays, focused.
    for n in 0..100 {
        david.paste(&format!("burst {n}.")).await;
        david.press("Send").await;
    }
    eventually("all hundred have come", || async {
        let bubbles = james.texts("#messages .theirs .bubble").await;
        bubbles.last()?.ends_with("burst 99.").then_some(())
    })
    .await;
    let bubbles = james.texts("#messages .theirs .bubble").await;
    assert_eq!(bubbles.len(), 101);
    for (bubble, n) in bubbles[1..].iter().zip(0..) {
        assert!(bubble.ends_with(&format!("burst {n}.")), "{bubble}");
    }
    assert_eq!(james.written().await, "Half a thought");
    let focused = james.browser.active_element().await.unwrap();
    assert_eq!(focused.id().await.unwrap().as_deref(), Some("body"));
    james.press("Send").await;
    david.has_stored("Half a thought").await;

    david.close(&[]).await;
    james.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn an_inbox_that_was_on_its_way_does_not_undo_what_was_told_meanwhile() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    let james = app.signed_in("jamessmith").await;
    david.sign_in("davidjones").await;
    let path = "/conversations/davidjones/messages";
    james
        .post_htmx(path, &[("body", "before")])
        .await
        .expect(200);
    david.sees("before").await;

    // An answer is given at once and arrives late; the stream, which is open, is not slowed down.
    david.slow_down(2_000).await;
    david.follow(".places a[href='/users']").await;
    james
        .post_htmx(path, &[("body", "meanwhile")])
        .await
        .expect(200);
    david.sees("meanwhile").await;
    david.sees("Mary Brown").await;
    assert_eq!(david.texts("#inbox .preview").await, ["meanwhile"]);
    assert_eq!(david.texts("#inbox .unread").await, ["2 unread"]);
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn ten_tabs_of_one_browser_all_send_and_show_what_arrives() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    let mut tabs = vec![tab.browser.window().await.unwrap()];
    tab.open("/conversations/jamessmith").await;
    for _ in 1..10 {
        let next = tab.browser.new_tab().await.unwrap();
        tab.browser.switch_to_window(next.clone()).await.unwrap();
        tab.open("/conversations/jamessmith").await;
        tabs.push(next);
    }
    for (n, window) in tabs.iter().enumerate() {
        tab.browser.switch_to_window(window.clone()).await.unwrap();
        tab.paste(&format!("from tab {n}.")).await;
        tab.press("Send").await;
        tab.has_stored(&format!("from tab {n}.")).await;
    }
    for window in tabs {
        tab.browser.switch_to_window(window).await.unwrap();
        for n in 0..10 {
            tab.has_stored(&format!("from tab {n}.")).await;
        }
    }
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn signing_out_in_one_tab_signs_out_the_others() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let tab = Tab::fresh(&chromium, &app, true).await;
    tab.sign_in("davidjones").await;
    tab.open("/conversations/jamessmith").await;
    let first = tab.browser.window().await.unwrap();
    let second = tab.browser.new_tab().await.unwrap();
    tab.browser.switch_to_window(second).await.unwrap();
    tab.open("/users").await;
    tab.press("Sign out").await;
    tab.browser.switch_to_window(first).await.unwrap();
    tab.sees("Username").await;
    let url = tab.browser.current_url().await.unwrap();
    assert_eq!(
        (url.path(), url.query()),
        ("/login", Some("next=%2Fconversations%2Fjamessmith"))
    );
    tab.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
