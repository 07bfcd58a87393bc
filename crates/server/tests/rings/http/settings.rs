//! One's own settings: name, password, colours and sessions.

use reqwest::Method;
use serde_json::json;

use super::answers::{attribute, cookie_of, is_page, is_problem};
use crate::support::{
    Answer, Database, PASSWORD, TestApp, TestClient, TestStream, Wish, answer, on_both_databases,
};

const NEW: &str = "correct horse & <staple>";

async fn rename(client: &TestClient, name: &str) -> Answer {
    let form = [("display_name", name)];
    client.post_form("/settings/name", &form).await
}

async fn change(client: &TestClient, old: &str, new: &str, again: &str) -> Answer {
    let form = [
        ("old_password", old),
        ("new_password", new),
        ("new_password_again", again),
    ];
    client.post_form("/settings/password", &form).await
}

/// A page that gives the form back, with an error that stands at this field only.
#[track_caller]
fn refuses(answer: &Answer, status: u16, field: &str, why: &str) {
    is_page(answer, status);
    let text = &answer.text;
    assert_eq!(text.matches("aria-invalid").count(), 1, "{text}");
    assert_eq!(text.matches("class=\"error\"").count(), 1, "{text}");
    let mark = format!("<input id=\"{field}\"");
    let described = attribute(text, &mark, "aria-describedby").unwrap();
    let error = format!("{field}-error");
    assert!(described.split(' ').any(|id| id == error), "{described}");
    let said = format!("id=\"{error}\" role=\"alert\">{why}");
    assert!(text.contains(&said), "{said}: {text}");
}

/// The ids of the sessions that the page offers to end.
async fn others(client: &TestClient) -> Vec<String> {
    let page = client.get("/settings").await;
    is_page(&page, 200);
    assert_eq!(page.text.matches("This one").count(), 1, "{}", page.text);
    let (_, sessions) = page.text.split_once("id=\"sessions\"").unwrap();
    let forms = sessions.split("action=\"/settings/sessions/end\"").skip(1);
    forms
        .map(|form| attribute(form, "<input", "value").unwrap())
        .collect()
}

async fn end(client: &TestClient, session: &str) -> Answer {
    let form = [("session", session)];
    client.post_form("/settings/sessions/end", &form).await
}

async fn lives(client: &TestClient) -> bool {
    client.get("/api/v1/session").await.status == 200
}

on_both_databases! {
    async fn a_new_name_is_shown_to_everybody_and_found(app: &TestApp) {
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        let done = rename(&david, "  Zoë \"Q\" <b>  ").await.expect(303);
        assert_eq!(done.header("location"), "/settings?done=name");
        let page = david.get("/settings?done=name").await;
        is_page(&page, 200);
        assert!(page.text.contains("role=\"status\">Your name is saved."), "{}", page.text);
        let value = "value=\"Zoë &quot;Q&quot; &lt;b&gt;\"";
        assert!(page.text.contains(value), "{}", page.text);

        let seen = james.get("/api/v1/users/davidjones").await.json();
        assert_eq!(seen["display_name"], "Zoë \"Q\" <b>");
        for (word, found) in [("zo", 1), ("davidj", 1), ("jones", 0)] {
            let list = james.get(&format!("/api/v1/users?q={word}")).await.json();
            assert_eq!(list["items"].as_array().unwrap().len(), found, "{word}");
        }
    }

    async fn a_name_that_is_none_comes_back_with_the_reason(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        let long = "x".repeat(101);
        for (typed, shown, why) in [
            ("", None, "A name must not be empty."),
            (" \u{3000} ", Some(" \u{3000} "), "A name must not be empty."),
            (&long, Some(long.as_str()), "A name must have at most 100 characters."),
            ("a\u{202e}<b", Some("a\u{202e}&lt;b"), "A name must not have characters that change"),
        ] {
            let refused = rename(&david, typed).await;
            refuses(&refused, 422, "display_name", why);
            let (_, input) = refused.text.split_once("<input id=\"display_name\"").unwrap();
            let (input, _) = input.split_once('>').unwrap();
            assert_eq!(attribute(input, "", "value").as_deref(), shown);
        }
        let seen = david.get("/api/v1/session").await.json();
        assert_eq!(seen["user"]["display_name"], "David Jones");
    }

    async fn a_new_password_ends_all_other_sessions_and_their_streams_at_once(app: &TestApp) {
        let (david, james) = (app.signed_in("davidjones").await, app.signed_in("jamessmith").await);
        let elsewhere = [app.signed_in("davidjones").await, app.signed_in("davidjones").await];
        let mut ends = [
            TestStream::open(&elsewhere[0], "/api/v1/events", "").await,
            TestStream::open(&elsewhere[1], "/events", "").await,
        ];
        let mut goes_on = TestStream::open(&david, "/api/v1/events", "").await;
        let mut of_james = TestStream::open(&james, "/api/v1/events", "").await;

        let done = change(&david, PASSWORD, NEW, NEW).await.expect(303);
        assert_eq!(done.header("location"), "/settings?done=password");
        assert!(done.headers.get("set-cookie").is_none());
        for stream in &mut ends {
            assert_eq!(stream.news().await.name, "session-ended");
            assert_eq!(stream.next().await, None);
        }
        for client in &elsewhere {
            assert!(!lives(client).await);
        }
        assert!(lives(&david).await);
        let path = "/api/v1/conversations/davidjones/messages";
        james.post_json(path, &json!({ "body": "still there?" })).await.expect(201);
        assert_eq!(goes_on.news().await.name, "message");
        assert_eq!(of_james.news().await.name, "message");

        let old = json!({ "username": "davidjones", "password": PASSWORD });
        is_problem(&app.client().post_json("/api/v1/session", &old).await, 401);
        app.client().sign_in("davidjones", NEW).await;
        app.client().sign_in("jamessmith", PASSWORD).await;
    }

    async fn a_password_that_is_not_taken_changes_nothing_and_is_not_shown(app: &TestApp) {
        let (david, elsewhere) = (app.signed_in("davidjones").await, app.signed_in("davidjones").await);
        for (old, new, again, field, why) in [
            ("a wrong one", NEW, NEW, "old_password", "This is not your password so far."),
            ("", NEW, NEW, "old_password", "This is not your password so far."),
            (PASSWORD, "seven77", "seven77", "new_password", "A password must have at least 8"),
            (PASSWORD, "password1", "password1", "new_password", "A password is one of the commonest"),
            (PASSWORD, NEW, "another one", "new_password_again", "This is not the same"),
            (PASSWORD, "", "", "new_password", "A password must have at least 8"),
        ] {
            let refused = change(&david, old, new, again).await;
            refuses(&refused, 422, field, why);
            for typed in ["a wrong one", "staple", "seven77", "another one", "password1"] {
                assert!(!refused.text.contains(typed), "{typed}: {}", refused.text);
            }
        }
        assert!(lives(&elsewhere).await);
        app.client().sign_in("davidjones", PASSWORD).await;
    }

    async fn sessions_are_listed_and_ended_one_by_one_or_all_but_this(app: &TestApp) {
        let david = app.signed_in("davidjones").await;
        assert_eq!(others(&david).await, [""; 0]);
        let elsewhere = [
            app.signed_in("davidjones").await,
            app.signed_in("davidjones").await,
            app.signed_in("davidjones").await,
        ];
        let listed = others(&david).await;
        assert_eq!(listed.len(), 3);
        // Seen from there, this one is one of the others.
        assert_eq!(others(&elsewhere[0]).await.len(), 3);

        let mut streams = Vec::new();
        for client in &elsewhere {
            streams.push(TestStream::open(client, "/api/v1/events", "").await);
        }
        let ended = end(&david, &listed[0]).await.expect(303);
        assert_eq!(ended.header("location"), "/settings?done=session");
        let mut alive = Vec::new();
        for (client, mut stream) in elsewhere.iter().zip(streams) {
            if lives(client).await {
                alive.push((client, stream));
            } else {
                assert_eq!(stream.news().await.name, "session-ended");
            }
        }
        assert_eq!(alive.len(), 2);
        assert_eq!(others(&david).await, listed[1..]);
        is_page(&end(&david, &listed[0]).await, 404);

        let ended = david.post_form("/settings/sessions/end-others", &[]).await.expect(303);
        assert_eq!(ended.header("location"), "/settings?done=sessions");
        for (client, mut stream) in alive {
            assert_eq!(stream.news().await.name, "session-ended");
            assert!(!lives(client).await);
        }
        assert!(lives(&david).await);
        assert_eq!(others(&david).await, [""; 0]);
    }

    async fn the_session_of_somebody_else_is_not_there_and_goes_on(app: &TestApp) {
        let (david, mary) = (app.signed_in("davidjones").await, app.signed_in("marybrown").await);
        let elsewhere = app.signed_in("davidjones").await;
        let session = others(&david).await.remove(0);
        let foreign = end(&mary, &session).await;
        let unknown = end(&mary, "01979a3e-6f55-7c7e-8a4b-0d5c9e1f2a3b").await;
        for refused in [&foreign, &unknown] {
            is_page(refused, 404);
        }
        assert_eq!(foreign.text, unknown.text);
        mary.post_form("/settings/sessions/end-others", &[]).await.expect(303);
        assert!(lives(&elsewhere).await && lives(&david).await);
        let page = mary.get("/settings").await;
        assert!(!page.text.contains(&session));
        for nonsense in ["", "x", "00000000-0000-0000-0000-00000000000g"] {
            is_page(&end(&mary, nonsense).await, 422);
        }
    }
}

#[tokio::test]
async fn who_guesses_the_old_password_is_slowed_like_at_the_sign_in_form() {
    let wish = Wish {
        login_rate: "1/h,burst=4".parse().unwrap(),
        ..Wish::default()
    };
    let app = TestApp::start_as(Database::sqlite(), wish).await;
    // One for this.
    let david = app.signed_in("davidjones").await;
    for _ in 0..3 {
        let refused = change(&david, "a guess", NEW, NEW).await;
        refuses(&refused, 422, "old_password", "This is not your password");
    }
    let slowed = change(&david, PASSWORD, NEW, NEW).await;
    refuses(
        &slowed,
        429,
        "old_password",
        "Too many attempts. Please wait",
    );
    let seconds: u64 = slowed.header("retry-after").parse().unwrap();
    assert!(seconds > 60, "{seconds}");
    // What needs no proof is not counted, and the same goes for the sign-in form.
    refuses(
        &change(&david, PASSWORD, "x", "x").await,
        422,
        "new_password",
        "A password must",
    );
    let form = [("username", "DavidJones"), ("password", PASSWORD)];
    app.client().post_form("/login", &form).await.expect(429);
    assert!(lives(&david).await);
    app.stop().await;
}

#[tokio::test]
async fn colours_are_kept_in_the_browser_for_a_year() {
    let app = TestApp::start(Database::sqlite()).await;
    let cookie = cookie_of(&app, "davidjones").await;
    let client = TestClient::holding(app.address, &cookie);
    for theme in ["dark", "light", "system"] {
        let done = client
            .post_form("/settings/theme", &[("theme", theme)])
            .await;
        let done = done.expect(303);
        assert_eq!(done.header("location"), "/settings?done=theme");
        let given = done.header("set-cookie");
        let parts: Vec<&str> = given.split("; ").collect();
        assert_eq!(parts[0], format!("theme={theme}"));
        for wanted in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
            assert!(parts.contains(&wanted), "{given}");
        }
        let held = format!("{cookie}; theme={theme}");
        let page = TestClient::holding(app.address, &held)
            .get("/settings")
            .await;
        let pressed = format!("value=\"{theme}\" aria-pressed=\"true\"");
        assert!(page.text.contains(&pressed), "{}", page.text);
        assert_eq!(page.text.matches("aria-pressed=\"true\"").count(), 1);
    }
    for bad in [
        "",
        "blue",
        "dark; Domain=evil.example",
        "dark\r\nset-cookie: a=b",
    ] {
        let refused = client.post_form("/settings/theme", &[("theme", bad)]).await;
        is_page(&refused, 422);
        assert!(refused.headers.get("set-cookie").is_none(), "{bad}");
    }
    // What is no theme is as none.
    let held = format!("{cookie}; theme=blue");
    let page = TestClient::holding(app.address, &held)
        .get("/settings?done=blue")
        .await;
    is_page(&page, 200);
    assert!(page.text.contains("value=\"system\" aria-pressed=\"true\""));
    assert!(!page.text.contains("class=\"done\""));
    app.stop().await;
}

#[tokio::test]
async fn htmx_gets_the_settings_as_a_pane() {
    let app = TestApp::start(Database::sqlite()).await;
    let david = app.signed_in("davidjones").await;
    let pane = david.get_pane("/settings").await.expect(200);
    assert!(!pane.text.contains("<html") && pane.text.contains("data-view=\"settings\""));
    let request = david.request(Method::GET, "/settings?done=name&done=name");
    is_page(&answer(request).await, 400);
    app.stop().await;
}
