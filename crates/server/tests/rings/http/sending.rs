//! Story 3 over the form, with htmx and without.

use uuid::Uuid;

use super::answers::{attribute, bodies, bubbles, history, is_fragment, is_page};
use crate::support::{TestApp, on_both_databases};

const PATH: &str = "/conversations/jamessmith/messages";

/// What stands in the composer's textarea, read as a browser does.
fn kept(html: &str) -> String {
    let (_, rest) = html.split_once("<textarea").unwrap();
    let (_, text) = rest.split_once('>').unwrap();
    let (text, _) = text.split_once("</textarea>").unwrap();
    let text = text.strip_prefix('\n').unwrap_or(text);
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

fn id() -> String {
    let [a, b] = [std::process::id(), 7].map(u64::from);
    Uuid::from_u64_pair(a, b).to_string()
}

on_both_databases! {
    async fn a_plain_form_leads_back_to_the_conversation_where_the_message_stands(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let page = david.get("/conversations/JAMESSMITH").await;
        let client_id = attribute(&page.text, "name=\"client_id\"", "value").unwrap();
        assert_eq!(Uuid::parse_str(&client_id).unwrap().get_version_num(), 7);
        let form = [("body", "  line one\r\nline two & <b> \n"), ("client_id", client_id.as_str())];
        let sent = david.post_form(PATH, &form).await.expect(303);
        assert_eq!(sent.header("location"), "/conversations/jamessmith");
        // The same form once more, as a reload does.
        david.post_form(PATH, &form).await.expect(303);
        let page = david.get("/conversations/jamessmith").await;
        is_page(&page, 200);
        assert_eq!(bubbles(&page.text), 1);
        assert!(page.text.contains("line one\nline two &amp; &lt;b&gt;"), "{}", page.text);
        let next = attribute(&page.text, "name=\"client_id\"", "value").unwrap();
        assert_ne!(next, client_id);
        let james = app.signed_in("jamessmith").await;
        assert_eq!(bodies(&history(&james, "davidjones").await), ["line one\nline two & <b>"]);
    }

    async fn htmx_gets_exactly_one_bubble_and_the_inbox_entry(app: &TestApp) {
        app.message("jamessmith", "davidjones", "before").await;
        let david = app.signed_in("davidjones").await;
        let client_id = id();
        let form = [("body", "hello"), ("client_id", client_id.as_str())];
        let sent = david.post_htmx(PATH, &form).await;
        is_fragment(&sent, 200);
        assert_eq!(bubbles(&sent.text), 1);
        let (bubble, entry) = sent.text.split_once("</template>").unwrap();
        let (place, bubble) = bubble.split_at(bubble.find("<li ").unwrap());
        assert_eq!(place, "<template data-for=\"messages\" data-with=\"jamessmith\">");
        assert!(entry.starts_with("<template data-for=\"entry\" data-moves><li id=\"c-jamessmith\" data-order=\"-"), "{entry}");
        assert!(sent.text.contains(&format!("data-client-id=\"{client_id}\"")));
        assert!(sent.text.contains("id=\"m-2\""), "{}", sent.text);
        let again = david.post_htmx(PATH, &form).await.expect(200);
        assert_eq!(again.text, sent.text);
        // A page shows it by the same bubble.
        let page = david.get("/conversations/jamessmith").await;
        assert!(page.text.contains(bubble), "{bubble}\n{}", page.text);
    }

    async fn what_breaks_a_rule_comes_back_with_its_text(app: &TestApp) {
        app.message("jamessmith", "davidjones", "before").await;
        let david = app.signed_in("davidjones").await;
        let too_long = format!("\n<&> {}", "ä".repeat(7_997));
        for (body, shown) in [
            (too_long.as_str(), too_long.as_str()), (" \n\t ", " \n\t "), ("", ""),
            ("bell\u{7} & \"quote\"", "bell\u{7} & \"quote\""), ("escape \u{1b}[31m", "escape \u{1b}[31m"),
            ("a\rb", "a\rb"),
        ] {
            let form = [("body", body), ("client_id", &id())];
            let plain = david.post_form(PATH, &form).await;
            is_page(&plain, 422);
            assert!(plain.text.contains("before"), "the conversation is gone");
            let htmx = david.post_htmx(PATH, &form).await;
            is_fragment(&htmx, 422);
            assert!(htmx.text.starts_with("<form"), "{}", htmx.text);
            for answer in [plain, htmx] {
                assert_eq!(kept(&answer.text), shown);
                assert!(answer.text.contains("role=\"alert\""), "no reason");
            }
        }
        for (bad, rule) in [("x", 422), ("00000000-0000-0000-0000-00000000000g", 422)] {
            let form = [("body", "kept"), ("client_id", bad)];
            let answer = david.post_form(PATH, &form).await.expect(rule);
            assert_eq!(kept(&answer.text), "kept");
            // Trying again with what came back works.
            let fresh = attribute(&answer.text, "name=\"client_id\"", "value").unwrap();
            assert!(Uuid::parse_str(&fresh).is_ok());
        }
        assert_eq!(bodies(&history(&david, "jamessmith").await), ["before"]);
    }

    async fn another_text_under_a_used_id_is_a_conflict_and_comes_back(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let client_id = id();
        david.post_form(PATH, &[("body", "one"), ("client_id", &client_id)]).await.expect(303);
        let form = [("body", "two"), ("client_id", client_id.as_str())];
        let plain = david.post_form(PATH, &form).await;
        is_page(&plain, 409);
        let htmx = david.post_htmx(PATH, &form).await;
        is_fragment(&htmx, 409);
        for answer in [plain, htmx] {
            assert_eq!(kept(&answer.text), "two");
            let fresh = attribute(&answer.text, "name=\"client_id\"", "value").unwrap();
            assert_ne!(fresh, client_id, "would conflict for ever");
        }
        assert_eq!(bodies(&history(&david, "jamessmith").await), ["one"]);
    }

    async fn a_form_needs_no_client_id(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        david.post_form(PATH, &[("body", "same")]).await.expect(303);
        david.post_form(PATH, &[("body", "same"), ("client_id", "")]).await.expect(303);
        assert_eq!(bodies(&history(&david, "jamessmith").await), ["same", "same"]);
    }

    async fn a_text_to_nobody_comes_back(app: &TestApp) {
        app.disable("marybrown").await;
        let david = app.signed_in("davidjones").await;
        for name in ["marybrown", "nobody", "davidjones"] {
            let path = format!("/conversations/{name}/messages");
            let plain = david.post_form(&path, &[("body", "kept <")]).await;
            is_page(&plain, 404);
            let htmx = david.post_htmx(&path, &[("body", "kept <")]).await;
            is_fragment(&htmx, 404);
            assert_eq!((kept(&plain.text), kept(&htmx.text)), ("kept <".into(), "kept <".into()));
        }
    }
}
