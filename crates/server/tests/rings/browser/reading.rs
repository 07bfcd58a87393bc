use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn who_reads_further_up_stays_there_and_has_not_read_what_comes() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=60 {
        app.message("davidjones", "jamessmith", &format!("message {n}."))
            .await;
    }
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    let james = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    james.sign_in("jamessmith").await;
    david.converse("jamessmith").await;
    james.converse("davidjones").await;
    david
        .holds("document.querySelector('#m-60 .receipt').textContent === 'Read'")
        .await;

    let up = "document.querySelector('.history').scrollTop = -400; \
        mark = document.querySelector('#m-40'); at = mark.getBoundingClientRect().top;";
    james.browser.execute(up, vec![]).await.unwrap();
    for n in 1..=3 {
        david.paste(&format!("while away {n}.")).await;
        david.press("Send").await;
    }
    james
        .holds("document.querySelector('#latest').textContent === '3 new ↓'")
        .await;
    let moved: f64 = james.eval("mark.getBoundingClientRect().top - at").await;
    assert!(moved.abs() < 2.0, "{moved}");
    let focused: String = james.eval("document.activeElement.id").await;
    assert_eq!(focused, "body");
    // What came has come, and is not read.
    david
        .holds("document.querySelector('#m-63 .receipt').textContent === 'Delivered'")
        .await;
    assert_eq!(james.texts("#inbox .unread").await, ["3 unread"]);

    james.press("3 new ↓").await;
    david
        .holds("document.querySelector('#m-63 .receipt').textContent === 'Read'")
        .await;
    james
        .holds("document.querySelector('#latest').hidden && !document.querySelector('.unread')")
        .await;
    // At the end, the next one is followed.
    david.paste("seen at once.").await;
    david.press("Send").await;
    david
        .holds("document.querySelector('#m-64 .receipt')?.textContent === 'Read'")
        .await;
    let at_end: bool = james
        .eval("document.querySelector('.history').scrollTop === 0")
        .await;
    assert!(at_end);
    david.close(&[]).await;
    james.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn a_divider_stands_where_the_unread_ones_began_until_one_comes_again() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("davidjones", "jamessmith", "read before").await;
    let james = app.signed_in("jamessmith").await;
    let seq = [("seq", "1")];
    let path = "/conversations/davidjones/read";
    james.post_htmx(path, &seq).await.expect(204);
    for n in 1..=30 {
        app.message("davidjones", "jamessmith", &format!("unread {n}."))
            .await;
    }
    let chromium = Chromium::start().await;
    let james = Tab::fresh(&chromium, &app, true).await;
    james.sign_in("jamessmith").await;
    let title = james.browser.title().await.unwrap();
    assert_eq!(title, "(30) Conversations · jbl-chat");
    james.converse("davidjones").await;

    // It is what one sees first; the end is further down, so nothing is read yet.
    let divider = "document.querySelector('#unread')";
    james
        .holds(&format!("{divider}.closest('li').id === 'm-2'"))
        .await;
    let (top, height): (f64, f64) = james
        .eval(&format!(
            "[{divider}.getBoundingClientRect().top, innerHeight]"
        ))
        .await;
    assert!(0.0 < top && top < height / 2.0, "{top}");
    assert_eq!(james.texts("#inbox .unread").await, ["30 unread"]);
    james
        .browser
        .execute("document.querySelector('.history').scrollTop = 0", vec![])
        .await
        .unwrap();
    james.holds("!document.querySelector('.unread')").await;
    let title = james.browser.title().await.unwrap();
    assert_eq!(title, "David Jones · jbl-chat");
    james.holds(divider).await;
    james.converse("davidjones").await;
    let is_gone: bool = james.eval(&format!("{divider} === null")).await;
    assert!(is_gone);
    james.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn a_hidden_tab_reads_nothing() {
    let app = TestApp::start(Database::sqlite()).await;
    let chromium = Chromium::start().await;
    let james = Tab::fresh(&chromium, &app, true).await;
    james.sign_in("jamessmith").await;
    james.converse("davidjones").await;
    let conversation = james.browser.window().await.unwrap();
    let other = james.browser.new_tab().await.unwrap();
    james.browser.switch_to_window(other).await.unwrap();
    james.open("/conversations").await;
    let david = app.signed_in("davidjones").await;
    let sent = [("body", "are you looking?")];
    let path = "/conversations/jamessmith/messages";
    david.post_htmx(path, &sent).await.expect(200);
    // The other tab was told, and so was the hidden one, which says so by its title.
    james
        .holds("document.querySelector('.unread')?.textContent === '1 unread'")
        .await;
    let seen = david.get("/api/v1/conversations/jamessmith").await.json();
    assert_eq!(seen["peer_read_seq"], 0);
    james.browser.switch_to_window(conversation).await.unwrap();
    james
        .holds("document.querySelector('#m-1') && !document.querySelector('.unread')")
        .await;
    let seen = david.get("/api/v1/conversations/jamessmith").await.json();
    assert_eq!(seen["peer_read_seq"], 1);
    james.close(&[]).await;
    drop(chromium);
    app.stop().await;
}
