//! Story 1: all other users.

use std::collections::BTreeSet;

use domain::users::DisplayName;
use serde_json::Value;

use super::answers::{is_page, is_problem, link, wrong_fields};
use crate::support::{Database, TestApp, TestClient, on_both_databases};

/// The usernames on a page of people, in their order.
fn shown(html: &str) -> Vec<String> {
    let (_, people) = html.split_once("id=\"people\"").unwrap();
    let names = people.split("<span class=\"hint\">@").skip(1);
    names
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

fn listed(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|user| user["username"].as_str().unwrap().to_owned())
        .collect()
}

async fn found(client: &TestClient, query: &str) -> Vec<String> {
    let page = client.get(&format!("/users?q={query}")).await;
    is_page(&page, 200);
    let api = client
        .get(&format!("/api/v1/users?q={query}"))
        .await
        .expect(200);
    let found = shown(&page.text);
    assert_eq!(listed(&api.json()), found, "{query}");
    found
}

on_both_databases! {
    async fn all_others_are_listed_by_name_and_neither_oneself_nor_the_disabled(app: &TestApp) {
        app.add_user("zoe.adams", "Zoe Adams").await;
        app.add_user("gone", "Aaron Gone").await;
        app.disable("gone").await;
        let david = app.signed_in("davidjones").await;
        assert_eq!(found(&david, "").await, ["jamessmith", "marybrown", "zoe.adams"]);
        let pane = david.get_pane("/users").await.expect(200);
        assert!(!pane.text.contains("<html"));
        assert_eq!(shown(&pane.text), ["jamessmith", "marybrown", "zoe.adams"]);
        for name in ["davidjones", "gone"] {
            let one = david.get(&format!("/api/v1/users/{name}")).await;
            is_problem(&one, 404);
        }
        let one = david.get("/api/v1/users/MARYBROWN").await.expect(200).json();
        assert_eq!(one["display_name"], "Mary Brown");
    }

    async fn a_search_finds_by_the_beginning_of_any_word_and_never_more_than_the_list(app: &TestApp) {
        app.add_user("bro", "Ann-Marie Ödön").await;
        app.add_user("gone", "Brown Gone").await;
        app.disable("gone").await;
        let david = app.signed_in("davidjones").await;
        assert_eq!(found(&david, "BROWN").await, ["marybrown"]);
        assert_eq!(found(&david, "%20mary%20%20b").await, ["marybrown"]);
        assert_eq!(found(&david, "%C3%96d").await, ["bro"]);
        assert_eq!(found(&david, "bro").await.len(), 2);
        let nobody: [&str; 0] = [];
        for none in ["rown", "david", "%25", "_", "*", "'", "bro%25", "m%00", "%5C"] {
            let nobody_or_mary = found(&david, none).await;
            // What cannot be in a name is left out of the search.
            let expected: &[&str] = if none == "m%00" { &["marybrown", "bro"] } else { &nobody };
            let (mut a, mut b) = (nobody_or_mary, expected.to_vec());
            a.sort_unstable();
            b.sort_unstable();
            assert_eq!(a, b, "{none}");
        }
    }

    async fn following_the_links_visits_everybody_once(app: &TestApp) {
        for n in 0..120 {
            // Many of one name, so that a page ends among equals.
            app.add_user(&format!("user{n:03}"), &format!("Same Name {}", n / 60)).await;
        }
        let david = app.signed_in("davidjones").await;
        let everybody: BTreeSet<String> = (0..120)
            .map(|n| format!("user{n:03}"))
            .chain(["jamessmith".to_owned(), "marybrown".to_owned()])
            .collect();

        let (mut next, mut visited, mut pages) = (Some("/users".to_owned()), vec![], 0);
        while let Some(path) = next {
            let page = david.get(&path).await;
            is_page(&page, 200);
            visited.extend(shown(&page.text));
            next = link(&page.text, "More people");
            pages += 1;
        }
        assert_eq!((pages, visited.len()), (3, 122));
        assert_eq!(visited.into_iter().collect::<BTreeSet<_>>(), everybody);

        for (limit, pages_expected) in [(50, 3), (100, 2), (61, 2), (7, 18)] {
            let (mut cursor, mut visited, mut pages) = (String::new(), vec![], 0);
            loop {
                let path = format!("/api/v1/users?limit={limit}{cursor}");
                let list = david.get(&path).await.expect(200).json();
                visited.extend(listed(&list));
                pages += 1;
                match list["next_cursor"].as_str() {
                    Some(word) => cursor = format!("&cursor={word}"),
                    None => break,
                }
            }
            assert_eq!((pages, visited.len()), (pages_expected, 122), "{limit}");
            assert_eq!(visited.into_iter().collect::<BTreeSet<_>>(), everybody);
        }

        // A search goes on as a search.
        let first = david.get("/users?q=same+name+0").await;
        let more = link(&first.text, "More people").unwrap();
        let rest = david.get(&more).await;
        assert_eq!(shown(&first.text).len() + shown(&rest.text).len(), 60);
        assert_eq!(link(&rest.text, "More people"), None);
    }
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    for word in [
        "x",
        "",
        "%00",
        "%FF",
        "AAAA",
        "....",
        "-1",
        &"A".repeat(3_000),
    ] {
        is_page(&david.get(&format!("/users?after={word}")).await, 400);
        if word != "%FF" {
            let api = david.get(&format!("/api/v1/users?cursor={word}")).await;
            if word.len() < 3_000 {
                assert_eq!(wrong_fields(&api), ["cursor"]);
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn script_in_a_name_or_a_search_is_text() {
    let app = TestApp::start(Database::sqlite()).await;
    let script = "<script>alert('\"&\")</script>";
    app.add_user("script", script).await;
    let david = app.signed_in("davidjones").await;
    let escaped = "&lt;script&gt;alert('&quot;&amp;&quot;)&lt;/script&gt;";
    let search = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", "\"><script>'&")
        .finish();
    for (path, shown) in [
        ("/users".to_owned(), escaped),
        (format!("/users?{search}"), "&quot;&gt;&lt;script&gt;'&amp;"),
        ("/conversations/script".to_owned(), escaped),
    ] {
        let page = david.get(&path).await.expect(200);
        assert!(page.text.contains(shown), "{}", page.text);
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
    // Nothing in a name is more than a name to JSON.
    let user = david.get("/api/v1/users/script").await.expect(200).json();
    assert_eq!(
        user["display_name"],
        DisplayName::parse(script).unwrap().as_str()
    );
    app.stop().await;
}
