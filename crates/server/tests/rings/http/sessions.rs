//! How sessions begin and end.

use domain::SystemClock;
use domain::users::Username;
use reqwest::Method;
use sha2::{Digest as _, Sha256};

use super::answers::cookie_of;
use crate::support::{Answer, PASSWORD, TestApp, TestClient, answer, on_both_databases};

async fn lives(app: &TestApp, cookie: &str) -> bool {
    let client = TestClient::holding(app.address, cookie);
    match client.get("/api/v1/session").await.status.as_u16() {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

async fn signed_in_again(app: &TestApp, cookie: &str) -> Answer {
    let form = [("username", "davidjones"), ("password", PASSWORD)];
    let client = TestClient::holding(app.address, cookie);
    client.post_form("/login", &form).await.expect(303)
}

fn cookie_in(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap().to_owned()
}

on_both_databases! {
    async fn every_sign_in_has_a_new_token_and_ends_the_session_before(app: &TestApp) {
        let first = cookie_of(app, "davidjones").await;
        let elsewhere = cookie_of(app, "davidjones").await;
        let second = cookie_in(&signed_in_again(app, &first).await);
        assert!(first != second && first != elsewhere && second != elsewhere);
        assert!(!lives(app, &first).await);
        assert!(lives(app, &second).await, "the new one");
        assert!(lives(app, &elsewhere).await, "another browser's");
    }

    async fn a_token_that_somebody_else_chose_is_never_taken(app: &TestApp) {
        let chosen = format!("jbl_session={}", "a".repeat(64));
        assert_ne!(cookie_in(&signed_in_again(app, &chosen).await), chosen);
        assert!(!lives(app, &chosen).await);
    }

    async fn signing_out_ends_the_session_and_takes_the_cookie_back(app: &TestApp) {
        let by_page = cookie_of(app, "davidjones").await;
        let client = TestClient::holding(app.address, &by_page);
        let page = client.post_form("/logout", &[]).await.expect(303);
        assert_eq!(page.header("location"), "/login");
        let by_api = cookie_of(app, "davidjones").await;
        let client = TestClient::holding(app.address, &by_api);
        let api = answer(client.request(Method::DELETE, "/api/v1/session")).await.expect(204);
        for (answer, cookie) in [(page, by_page), (api, by_api)] {
            let taken = answer.header("set-cookie");
            assert!(taken.starts_with("jbl_session=;"), "{taken}");
            assert!(taken.contains("Max-Age=0") && taken.contains("Path=/"), "{taken}");
            assert!(!lives(app, &cookie).await);
        }
    }

    async fn disabling_a_user_ends_their_sessions_for_good(app: &TestApp) {
        let cookie = cookie_of(app, "davidjones").await;
        app.disable("davidjones").await;
        assert!(!lives(app, &cookie).await);
        let form = [("username", "davidjones"), ("password", PASSWORD)];
        app.client().post_form("/login", &form).await.expect(401);
        let name = Username::parse("davidjones").unwrap();
        let now = domain::Clock::now(&SystemClock);
        assert!(app.store.users().set_enabled(&name, true, now).await.unwrap());
        assert!(!lives(app, &cookie).await, "an old session came back");
        assert!(lives(app, &cookie_of(app, "davidjones").await).await);
    }

    async fn a_new_password_ends_the_sessions_of_the_old_one(app: &TestApp) {
        let cookie = cookie_of(app, "davidjones").await;
        let name = Username::parse("davidjones").unwrap();
        let users = app.store.users();
        let hash = users.find_credentials(&name).await.unwrap().unwrap().password_hash;
        let now = domain::Clock::now(&SystemClock);
        assert!(users.set_password(&name, &hash, now).await.unwrap());
        assert!(!lives(app, &cookie).await);
    }

    async fn what_a_thief_of_the_database_finds_opens_nothing(app: &TestApp) {
        let cookie = cookie_of(app, "davidjones").await;
        let token = cookie.strip_prefix("jbl_session=").unwrap();
        let bytes: Vec<u8> = (0..32)
            .map(|n| u8::from_str_radix(&token[2 * n..2 * n + 2], 16).unwrap())
            .collect();
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        // What is found is what the thief would find: it finds the digest.
        let stored = app.database.contents().await;
        let holds = |secret: &[u8]| stored.windows(secret.len()).any(|piece| piece == secret);
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert!(holds(&digest) || holds(hex(&digest).as_bytes()), "not all of it was read");
        assert!(!holds(&bytes) && !holds(token.as_bytes()), "the token is stored");
        let stolen = TestClient::holding(app.address, &format!("jbl_session={}", hex(&digest)));
        stolen.get("/api/v1/session").await.expect(401);
        assert!(lives(app, &cookie).await);
    }

    async fn an_unused_and_an_old_session_end(app: &TestApp) {
        let (idle, old) = ("last_used_at", "created_at");
        for (column, days) in [(idle, 14_i64), (old, 90)] {
            for (minutes, alive) in [(5, true), (-5, false)] {
                let cookie = cookie_of(app, "davidjones").await;
                let age = (days * 24 * 60 - minutes) * 60_000;
                let sql = format!("UPDATE sessions SET {column} = {column} - {age}");
                app.database.execute(&sql).await;
                assert_eq!(lives(app, &cookie).await, alive, "{column} {minutes}");
                app.database.execute("DELETE FROM sessions").await;
            }
        }
    }
}
