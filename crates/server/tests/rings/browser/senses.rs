use super::chromium::Chromium;
use super::tab::Tab;
use crate::support::{Database, TestApp};

#[tokio::test]
async fn what_arrives_is_spoken_and_older_pages_are_not() {
    let app = TestApp::start(Database::sqlite()).await;
    for n in 1..=60 {
        app.message("jamessmith", "davidjones", &format!("message {n}."))
            .await;
    }
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.sign_in("davidjones").await;
    david.converse("jamessmith").await;
    let up = "const history = document.querySelector('.history'); history.scrollTop = -history.scrollHeight";
    david.browser.execute(up, vec![]).await.unwrap();
    david.holds("document.querySelector('#m-1')").await;
    let spoken = "document.querySelector('[role=log]').textContent";
    assert_eq!(david.eval::<String>(spoken).await, "");
    let james = app.signed_in("jamessmith").await;
    let sent = [("body", "Listen!")];
    let path = "/conversations/davidjones/messages";
    james.post_htmx(path, &sent).await.expect(200);
    david
        .holds(&format!("{spoken} === 'James Smith: Listen!'"))
        .await;
    // One's own are not news.
    david.paste("I do.").await;
    david.press("Send").await;
    david.has_stored("I do.").await;
    assert_eq!(david.eval::<String>(spoken).await, "James Smith: Listen!");
    david.close(&[]).await;
    drop(chromium);
    app.stop().await;
}

#[tokio::test]
async fn every_view_has_landmarks_one_heading_names_and_targets_to_hit() {
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "see https://example.org")
        .await;
    let chromium = Chromium::start().await;
    let david = Tab::fresh(&chromium, &app, true).await;
    david.open("/login").await;
    let views = [
        "/conversations",
        "/users",
        "/conversations/jamessmith",
        "/conversations/marybrown",
        "/nowhere",
    ];
    david.sign_in("davidjones").await;
    for path in views {
        david.open(path).await;
        let count = async |css: &str| {
            let counted = format!("document.querySelectorAll('{css}').length");
            david.eval::<u32>(&counted).await
        };
        assert_eq!([count("main").await, count("h1").await], [1, 1], "{path}");
        // Whatever can be used has a name and is no smaller than 24 pixels, but for links in text.
        let faults: Vec<String> = david
            .eval(
                "[...document.querySelectorAll('a, button, input:not([type=hidden]), textarea')].filter((element) => { \
                 if (!element.checkVisibility() || element.closest('.bubble, dialog, .skip, .hidden, .empty, .centred, .plain p')) return false; \
                 const { width, height } = element.getBoundingClientRect(); \
                 const name = element.textContent.trim() || element.labels?.[0]?.textContent; \
                 return !name || width < 24 || height < 24; }).map((element) => element.outerHTML.slice(0, 200))",
            )
            .await;
        assert_eq!(faults, Vec::<String>::new(), "{path}");
    }
    david.converse("jamessmith").await;
    for css in [
        "header form[role=search] label[for=q]",
        "nav[aria-label]",
        "[role=region][tabindex][aria-label] ol",
        "form label[for=body]",
        "[role=status]#offline",
        "a[href=\\'#main\\']",
    ] {
        david
            .holds(&format!("document.querySelector('{css}')"))
            .await;
    }
    // A link in a message opens elsewhere and tells nothing about here.
    let link = david.find("#m-1 .bubble a").await;
    let attribute = async |name| link.attr(name).await.unwrap().unwrap_or_default();
    assert_eq!(attribute("href").await, "https://example.org");
    assert_eq!(attribute("target").await, "_blank");
    assert_eq!(attribute("rel").await, "noopener noreferrer nofollow");
    david.close(&["404"]).await;
    drop(chromium);
    app.stop().await;
}
