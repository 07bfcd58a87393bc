//! How often one may send and try to sign in.

use reqwest::Method;
use serde_json::{Value, json};

use super::answers::{bodies, history, is_fragment, is_page, is_problem};
use crate::support::{Answer, Database, PASSWORD, TestApp, TestClient, Wish, answer};

const PATH: &str = "/conversations/jamessmith/messages";

async fn sending_at(rate: &str) -> TestApp {
    let wish = Wish {
        send_rate: rate.parse().unwrap(),
        ..Wish::default()
    };
    TestApp::start_as(Database::sqlite(), wish).await
}

async fn trying_at(rate: &str, trusted_proxies: &[&str]) -> TestApp {
    let login_rate = rate.parse().unwrap();
    let trusted_proxies = trusted_proxies
        .iter()
        .map(|net| net.parse().unwrap())
        .collect();
    let wish = Wish {
        login_rate,
        trusted_proxies,
        ..Wish::default()
    };
    TestApp::start_as(Database::sqlite(), wish).await
}

#[track_caller]
fn seconds_to_wait(answer: &Answer) -> u64 {
    let seconds = answer.header("retry-after").parse().unwrap();
    assert!(seconds > 0);
    seconds
}

async fn send(client: &TestClient, body: &str) -> Answer {
    client
        .post_json(&format!("/api/v1{PATH}"), &json!({ "body": body }))
        .await
}

/// Tries a wrong password as if forwarded from this address.
async fn guess(app: &TestApp, username: &str, from: &str) -> u16 {
    let form = [("username", username), ("password", "a guess")];
    let request = app.client().request(Method::POST, "/login").form(&form);
    answer(request.header("x-forwarded-for", from))
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn after_a_burst_a_sender_has_to_wait_and_keeps_the_text() {
    let app = sending_at("1/h,burst=3").await;
    let (david, mary) = (
        app.signed_in("davidjones").await,
        app.signed_in("marybrown").await,
    );
    for n in 0..3 {
        send(&david, &n.to_string()).await.expect(201);
    }
    let problem = send(&david, "too many").await;
    is_problem(&problem, 429);
    assert!(seconds_to_wait(&problem) > 3_000);
    let form = [
        ("body", "kept <"),
        ("client_id", "0190163d-8694-739b-aea5-966c26f8ad91"),
    ];
    let (plain, htmx) = (
        david.post_form(PATH, &form).await,
        david.post_htmx(PATH, &form).await,
    );
    is_page(&plain, 429);
    is_fragment(&htmx, 429);
    for answer in [plain, htmx] {
        assert!(seconds_to_wait(&answer) > 3_000);
        assert!(
            answer.text.contains("kept &lt;</textarea>"),
            "{}",
            answer.text
        );
        // The same id, so that trying again cannot store it twice.
        assert!(answer.text.contains("0190163d-8694-739b-aea5-966c26f8ad91"));
    }
    // It is the sender's own limit, and only on sending.
    send(&mary, "hers").await.expect(201);
    assert_eq!(
        bodies(&history(&david, "jamessmith").await),
        ["0", "1", "2"]
    );
    app.stop().await;
}

#[tokio::test]
async fn who_waits_may_send_again() {
    let app = sending_at("50/s,burst=1").await;
    let david = app.signed_in("davidjones").await;
    let (mut sent, mut refused) = (0, 0);
    while refused == 0 || sent < 2 {
        match send(&david, "again").await {
            answer if answer.status == 201 => sent += usize::from(refused > 0 || sent == 0),
            answer => {
                is_problem(&answer, 429);
                assert_eq!(seconds_to_wait(&answer), 1);
                refused += 1;
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn guessing_at_an_account_is_slowed_for_known_and_unknown_alike() {
    let app = trying_at("1/h,burst=3", &[]).await;
    let mut pages: Vec<String> = vec![];
    for name in ["davidjones", "nobody.here"] {
        let form = [
            ("username", name),
            ("password", "a guess"),
            ("next", "/users"),
        ];
        for _ in 0..3 {
            is_page(&app.client().post_form("/login", &form).await, 401);
        }
        // In whatever case, and by whichever door.
        let upper = name.to_uppercase();
        let form = [
            ("username", upper.as_str()),
            ("password", "a guess"),
            ("next", "/users"),
        ];
        let page = app.client().post_form("/login", &form).await;
        is_page(&page, 429);
        assert!(seconds_to_wait(&page) > 1_000);
        assert!(page.text.contains(&format!("value=\"{upper}\"")));
        assert!(page.text.contains("value=\"/users\""));
        assert!(!page.text.contains("a guess"));
        pages.push(page.text.replace(&upper, "").replace(char::is_numeric, ""));
        let body = json!({ "username": name, "password": PASSWORD });
        let problem = app.client().post_json("/api/v1/session", &body).await;
        let shown: Value = is_problem(&problem, 429);
        assert!(seconds_to_wait(&problem) > 1_000, "{shown}");
    }
    assert_eq!(pages[0], pages[1]);
    // Others at the same address still sign in.
    app.client().sign_in("marybrown", PASSWORD).await;
    app.stop().await;
}

#[tokio::test]
async fn one_address_cannot_go_through_all_accounts() {
    let app = trying_at("1/h,burst=1", &[]).await;
    let mut refused_at = None;
    for n in 0..20 {
        let form = [
            ("username", format!("user{n}")),
            ("password", "a guess".to_owned()),
        ];
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        if app.client().post_form("/login", &form).await.status == 429 {
            refused_at = Some(n);
            break;
        }
    }
    assert!(refused_at.is_some_and(|n| n > 1), "{refused_at:?}");
    app.stop().await;
}

#[tokio::test]
async fn an_address_is_believed_from_a_trusted_proxy_only() {
    let direct = trying_at("1/h,burst=1", &[]).await;
    let proxied = trying_at("1/h,burst=1", &["127.0.0.0/8"]).await;
    let addresses = ["198.51.100.1", "198.51.100.2", "203.0.113.9, 198.51.100.3"];
    // Whoever makes up addresses is still one.
    let mut seen = vec![];
    for from in addresses {
        seen.push(guess(&direct, "davidjones", from).await);
    }
    assert_eq!(seen, [401, 429, 429]);
    let mut seen = vec![];
    for from in addresses {
        seen.push(guess(&proxied, "davidjones", from).await);
    }
    assert_eq!(seen, [401, 401, 401]);
    // What stands left of the address the proxy added is the client's own invention.
    for from in [
        "198.51.100.1",
        "192.0.2.7, 198.51.100.1",
        "x, 198.51.100.1",
        " 198.51.100.1 ",
    ] {
        assert_eq!(guess(&proxied, "davidjones", from).await, 429, "{from}");
    }
    // One home has many addresses of IPv6.
    assert_eq!(guess(&proxied, "davidjones", "2001:db8::1").await, 401);
    assert_eq!(guess(&proxied, "davidjones", "2001:db8::ffff").await, 429);
    direct.stop().await;
    proxied.stop().await;
}

#[tokio::test]
async fn whoever_guesses_locks_out_neither_the_owner_nor_an_open_page() {
    let app = trying_at("1/h,burst=3", &["127.0.0.0/8"]).await;
    let owner = app.client();
    let sign_in = async |from: &str| {
        let form = [("username", "davidjones"), ("password", PASSWORD)];
        let request = owner.request(Method::POST, "/login").form(&form);
        answer(request.header("x-forwarded-for", from)).await
    };
    sign_in("198.51.100.1").await.expect(303);
    // Many guesses at one account, from many addresses.
    let mut refused = 0;
    for n in 0..20 {
        let from = format!("203.0.113.{n}");
        for _ in 0..4 {
            refused += u32::from(guess(&app, "davidjones", &from).await == 429);
        }
    }
    assert_eq!(refused, 20, "from each address the fourth is one too many");
    owner.get("/api/v1/session").await.expect(200);
    sign_in("198.51.100.1").await.expect(303);
    sign_in("198.51.100.2").await.expect(303);
    app.stop().await;
}
