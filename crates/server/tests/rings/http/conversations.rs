//! Story 2: the inbox and one conversation, as pages.

use reqwest::Method;

use super::answers::{bubbles, is_fragment, is_page, link, send};
use crate::support::{TestApp, answer, on_both_databases};

/// The numbers of the bubbles, in their order.
fn seqs(html: &str) -> Vec<i64> {
    let numbers = html.split(" data-seq=\"").skip(1);
    numbers
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect()
}

on_both_databases! {
    async fn a_conversation_shows_its_newest_fifty_and_links_to_the_older(app: &TestApp) {
        for n in 1..=120 {
            let (from, to) = if n % 3 == 0 { ("jamessmith", "davidjones") } else { ("davidjones", "jamessmith") };
            app.message(from, to, &format!("number {n}.")).await;
        }
        let david = app.signed_in("davidjones").await;
        let page = david.get("/conversations/jamessmith").await;
        is_page(&page, 200);
        assert_eq!(seqs(&page.text), (71..=120).collect::<Vec<_>>());
        assert!(page.text.contains("<h1 id=\"with\"><bdi>James Smith</bdi></h1>"));

        // Without htmx the link leads to a whole page, with it to a piece; both are the same.
        let older = link(&page.text, "Older messages").unwrap();
        let piece = david.request(Method::GET, &older).header("hx-request", "true");
        let (whole, piece) = (david.get(&older).await, answer(piece).await);
        is_page(&whole, 200);
        is_fragment(&piece, 200);
        for text in [&whole.text, &piece.text] {
            assert_eq!(seqs(text), (21..=70).collect::<Vec<_>>());
        }
        assert!(link(&whole.text, "To the newest messages").is_some());
        let oldest = link(&piece.text, "Older messages").unwrap();
        let oldest = david.get_pane(&oldest).await;
        assert_eq!(seqs(&oldest.text), (1..=20).collect::<Vec<_>>());
        assert_eq!(link(&oldest.text, "Older messages"), None);

        let after = |seq: i64| format!("/conversations/jamessmith/messages?after={seq}");
        let newer = david.get_pane(&after(118)).await;
        assert_eq!(seqs(&newer.text), [119, 120]);
        let middle = david.get_pane(&after(0)).await;
        assert_eq!(seqs(&middle.text), (1..=50).collect::<Vec<_>>());
        let nothing = david.get_pane(&after(120)).await.expect(200);
        assert_eq!(bubbles(&nothing.text), 0);
        // The same conversation from its other end.
        let james = app.signed_in("jamessmith").await;
        let page = james.get("/conversations/DavidJones").await.expect(200);
        assert_eq!(seqs(&page.text), (71..=120).collect::<Vec<_>>());
    }

    async fn somebody_new_is_an_empty_conversation_with_a_composer(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let page = david.get("/conversations/marybrown").await;
        is_page(&page, 200);
        assert_eq!(bubbles(&page.text), 0);
        assert!(page.text.contains("id=\"composer\" method=\"post\" action=\"/conversations/marybrown/messages\""));
        assert!(page.text.contains("name=\"client_id\""));
        // A look makes no conversation, at neither end.
        for name in ["davidjones", "marybrown"] {
            let inbox = app.signed_in(name).await.get("/api/v1/conversations").await;
            assert_eq!(inbox.json()["items"].as_array().unwrap().len(), 0);
        }
    }

    async fn the_inbox_has_the_latest_first_and_goes_on_by_its_link(app: &TestApp) {
        for n in 0..60 {
            let name = format!("peer{n:02}");
            app.add_user(&name, &format!("Peer {n:02}")).await;
            app.message(&name, "davidjones", "hello").await;
        }
        // Whoever writes again comes first again.
        let david = app.signed_in("davidjones").await;
        send(&david, "peer07", "an answer <i>").await;
        let expected: Vec<String> = std::iter::once(7)
            .chain((0..60).rev().filter(|n| *n != 7))
            .map(|n| format!("Peer {n:02}"))
            .collect();
        let names = |html: &str| -> Vec<String> {
            let (_, list) = html.split_once("<ol class=\"list\" id=\"conversations\">").unwrap_or(("", html));
            let (list, _) = list.split_once("</ol>").unwrap_or((list, ""));
            let names = list.split("<span class=\"name\"><bdi>").skip(1);
            names.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
        };
        let page = david.get("/conversations").await;
        is_page(&page, 200);
        assert_eq!(names(&page.text), expected[..50]);
        assert!(page.text.contains("You: <bdi>an answer &lt;i&gt;</bdi>"), "{}", page.text);
        let older = link(&page.text, "Older conversations").unwrap();
        let piece = david.request(Method::GET, &older).header("hx-request", "true");
        let (whole, piece) = (david.get(&older).await, answer(piece).await);
        is_page(&whole, 200);
        is_fragment(&piece, 200);
        for text in [&whole.text, &piece.text] {
            assert_eq!(names(text), expected[50..]);
            assert_eq!(link(text, "Older conversations"), None);
        }
    }

    async fn script_in_a_message_is_text_wherever_it_is_shown(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let script = "</textarea></p><script>alert(\"1\")</script>&amp; https://a.example/\"onclick=x";
        let escaped = "&lt;/textarea&gt;&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp; ";
        let sent = [("body", script)];
        let bubble = david.post_htmx("/conversations/jamessmith/messages", &sent).await;
        let long = format!("{script}{}", "x".repeat(8_000));
        let refused = [("body", long.as_str())];
        let answers = [
            bubble,
            david.get("/conversations/jamessmith").await,
            david.get("/conversations/jamessmith/messages?after=0").await,
            david.get_pane("/conversations/jamessmith/messages?after=0").await,
            david.get("/conversations").await,
            david.post_htmx("/conversations/jamessmith/messages", &refused).await,
            david.post_form("/conversations/jamessmith/messages", &refused).await,
        ];
        for answer in answers {
            assert!(answer.text.contains(escaped), "{}", answer.text);
            assert!(!answer.text.contains("<script>"), "{}", answer.text);
            assert!(!answer.text.contains("\"onclick"), "{}", answer.text);
        }
        let api = david.get("/api/v1/conversations/jamessmith/messages").await;
        assert_eq!(api.json()["messages"][0]["body"], script);
    }
}
