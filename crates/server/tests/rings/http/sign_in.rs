//! Signing in over the form and over the API.

use domain::sessions::PasswordHash;
use domain::users::Username;
use serde_json::json;

use super::answers::{is_page, is_problem, keys};
use crate::support::{Database, PASSWORD, TestApp, TestClient, Wish, on_both_databases};

fn form<'a>(username: &'a str, password: &'a str, next: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("username", username),
        ("password", password),
        ("next", next),
    ]
}

#[tokio::test]
async fn signing_in_leads_on_to_a_path_of_our_own_and_to_no_other() {
    let app = TestApp::start(Database::sqlite()).await;
    let elsewhere = [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "http:evil.example",
        "http:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        ".evil.example",
        ":80/",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/a/..//evil.example",
        "/.//evil.example",
        "/users\r\nset-cookie: a=b",
        "/%5cevil.example/..//",
        "//127.0.0.1:1/",
        "?next=//evil.example",
        "#//evil.example",
        "",
    ];
    for next in elsewhere {
        let answer = app
            .client()
            .post_form("/login", &form("davidjones", PASSWORD, next))
            .await;
        let location = answer.expect(303).header("location").to_owned();
        let here = url::Url::parse("http://here.example/").unwrap();
        let url = here.join(&location).unwrap();
        assert!(
            url.origin() == here.origin() && location.starts_with('/'),
            "{next:?}: {location}"
        );
        assert!(!location.contains("set-cookie"), "{next:?}: {location}");
    }
    for next in [
        "/users",
        "/users?q=a%26b&after=x",
        "/conversations/jamessmith",
    ] {
        let david = app.client();
        let answer = david
            .post_form("/login", &form("davidjones", PASSWORD, next))
            .await;
        assert_eq!(answer.expect(303).header("location"), next);
        // Who is signed in already goes straight on.
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("next", next)
            .finish();
        let answer = david.get(&format!("/login?{query}")).await;
        assert_eq!(answer.expect(303).header("location"), next);
    }
    let answer = app.client().get("/login?next=%22%3E%3Cscript%3E").await;
    is_page(&answer, 200);
    assert!(
        answer.text.contains("&quot;&gt;&lt;script&gt;"),
        "{}",
        answer.text
    );
    app.stop().await;
}

on_both_databases! {
    async fn a_wrong_password_an_unknown_name_and_a_disabled_user_get_the_same_answer(app: &TestApp) {
        app.disable("marybrown").await;
        let mut pages = Vec::new();
        let mut problems = Vec::new();
        let wrong = [
            ("davidjones", "an odd guess"), ("nobody.here", "an odd guess"),
            ("marybrown", PASSWORD), ("no name <>", "an odd guess"), ("davidjones", ""),
        ];
        for (name, password) in wrong {
            let page = app.client().post_form("/login", &form(name, password, "/users")).await;
            is_page(&page, 401);
            assert!(page.headers.get("set-cookie").is_none());
            assert!(page.text.contains("name=\"password\""), "no form to try again");
            assert!(page.text.contains(r#"value="/users""#), "no longer knows where to");
            assert!(!page.text.contains("an odd guess"));
            let shown = name.replace('<', "&lt;").replace('>', "&gt;");
            let value = format!("value=\"{shown}\"");
            assert!(page.text.contains(&value), "the name has to be typed again");
            pages.push(page.text.replace(&value, ""));

            let body = json!({ "username": name, "password": password });
            let problem = app.client().post_json("/api/v1/session", &body).await;
            is_problem(&problem, 401);
            assert!(problem.headers.get("set-cookie").is_none());
            problems.push(problem.text);
        }
        pages.dedup();
        problems.dedup();
        assert_eq!((pages.len(), problems.len()), (1, 1), "{pages:#?} {problems:#?}");
    }

    async fn an_imported_hash_signs_in_and_is_replaced(app: &TestApp) {
        // Made by Django of the word beside it.
        let (imported, word) = (
            "pbkdf2_sha256$260000$uoY9J713v3My9JIAweUEJx$i/6clVbbEZVpefELby2IuA7DZsDOeuLzMH2wENn/Rxw=",
            "password",
        );
        let name = Username::parse("davidjones").unwrap();
        let users = app.store.users();
        let now = domain::Clock::now(&domain::SystemClock);
        users.set_password(&name, &PasswordHash::from_stored(imported), now).await.unwrap();
        app.client().post_form("/login", &form("davidjones", "not it", "")).await.expect(401);
        let stored = async || users.find_credentials(&name).await.unwrap().unwrap().password_hash;
        assert_eq!(stored().await.as_str(), imported);

        app.client().sign_in("DavidJones", word).await;
        let replaced = stored().await;
        assert!(replaced.as_str().starts_with("$argon2id$"), "another kind");
        app.client().post_form("/login", &form("davidjones", word, "")).await.expect(303);
        assert!(stored().await == replaced, "replaced once more");
    }

    async fn the_api_says_who_is_signed_in(app: &TestApp) {
        let client = app.client();
        let body = json!({ "username": "DAVIDJONES", "password": PASSWORD });
        let begun = client.post_json("/api/v1/session", &body).await.expect(201);
        let session = client.get("/api/v1/session").await.expect(200).json();
        for session in [begun.json(), session] {
            assert_eq!(keys(&session), ["user"].into());
            assert_eq!(session["user"]["username"], "davidjones");
            assert!(!session.to_string().contains(PASSWORD));
        }
    }
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_from_other_sites() {
    let app = TestApp::start(Database::sqlite()).await;
    let given = app
        .client()
        .post_form("/login", &form("davidjones", PASSWORD, ""))
        .await;
    let (token, attributes) = parts(given.header("set-cookie"), "jbl_session=");
    assert!(token.len() == 64 && token.bytes().all(|digit| digit.is_ascii_hexdigit()));
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(&wanted), "{attributes:?}");
    }
    for unwanted in ["Secure", "Domain"] {
        assert!(
            !attributes.iter().any(|it| it.starts_with(unwanted)),
            "{attributes:?}"
        );
    }
    assert_eq!(given.header("strict-transport-security"), "");
    app.stop().await;
}

#[tokio::test]
async fn over_https_the_cookie_is_for_https_and_this_host_only() {
    let wish = Wish {
        public_url: Some("https://chat.example"),
        ..Wish::default()
    };
    let app = TestApp::start_as(Database::sqlite(), wish).await;
    let given = app
        .client()
        .post_form("/login", &form("davidjones", PASSWORD, "/users"))
        .await;
    assert_eq!(given.header("location"), "/users");
    let hsts = given.header("strict-transport-security");
    assert!(hsts.starts_with("max-age=63072000"), "{hsts}");
    let (token, attributes) = parts(given.header("set-cookie"), "__Host-jbl_session=");
    for wanted in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(&wanted), "{attributes:?}");
    }
    assert!(
        !attributes.iter().any(|it| it.starts_with("Domain")),
        "{attributes:?}"
    );

    // The name without the prefix could have been set by a sub-domain.
    for (name, status) in [("__Host-jbl_session", 200), ("jbl_session", 401)] {
        let cookie = format!("{name}={token}");
        let client = TestClient::holding(app.address, &cookie);
        client.get("/api/v1/session").await.expect(status);
    }
    app.stop().await;
}

fn parts<'a>(cookie: &'a str, name: &str) -> (&'a str, Vec<&'a str>) {
    let mut parts = cookie.split("; ");
    let token = parts
        .next()
        .unwrap()
        .strip_prefix(name)
        .unwrap_or_else(|| panic!("{cookie}"));
    (token, parts.collect())
}
