//! The database is away: said so, nothing lost, nothing half done, and over when it is back.

use migrations::sea_orm_migration::sea_orm::ConnectionTrait as _;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::answers::{bodies, history, is_fragment, is_page, is_problem};
use crate::support::{Answer, Database, Gate, TestApp, TestClient, answer};

const PATH: &str = "/conversations/jamessmith/messages";
const TEXT: &str = "kept <";

/// Sends the message as each kind of client, all at once and all under one id.
async fn send(client: &TestClient) -> [Answer; 3] {
    let id = Uuid::from_u128(7).to_string();
    let form = [("body", TEXT), ("client_id", id.as_str())];
    let (api, body) = (
        format!("/api/v1{PATH}"),
        json!({ "body": TEXT, "client_id": id }),
    );
    tokio::join!(
        client.post_form(PATH, &form),
        client.post_htmx(PATH, &form),
        client.post_json(&api, &body),
    )
    .into()
}

#[track_caller]
fn are_told_to_wait([plain, htmx, api]: &[Answer; 3]) {
    is_page(plain, 503);
    is_fragment(htmx, 503);
    is_problem(api, 503);
    for answer in [plain, htmx, api] {
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    for form in [plain, htmx] {
        assert!(form.text.contains("kept &lt;</textarea>"), "{}", form.text);
        // The same id: nobody knows whether it was stored.
        assert!(
            form.text.contains(&Uuid::from_u128(7).to_string()),
            "{}",
            form.text
        );
    }
}

async fn is_over(app: &TestApp, client: &TestClient) {
    let [plain, htmx, api] = send(client).await;
    drop((plain.expect(303), htmx.expect(200)));
    assert!(api.status.is_success());
    assert_eq!(bodies(&history(client, "jamessmith").await), [TEXT]);
    app.client().get("/readyz").await.expect(200);
}

/// Everything else that asks the database.
async fn everything_else_waits_too(app: &TestApp, client: &TestClient) {
    let htmx = client
        .request(Method::GET, "/users")
        .header("hx-request", "true");
    let form = [
        ("username", "davidjones"),
        ("password", "secret guess"),
        ("next", "/users"),
    ];
    let stranger = app.client();
    let (page, piece, problem, sign_in, ready, alive, login) = tokio::join!(
        client.get("/conversations"),
        answer(htmx),
        client.get("/api/v1/users"),
        stranger.post_form("/login", &form),
        stranger.get("/readyz"),
        stranger.get("/healthz"),
        stranger.get("/login"),
    );
    is_page(&page, 503);
    is_fragment(&piece, 503);
    is_problem(&problem, 503);
    is_page(&sign_in, 503);
    assert!(!sign_in.text.contains("secret guess"));
    for answer in [&page, &piece, &problem, &sign_in] {
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    assert_eq!((ready.status.as_u16(), alive.status.as_u16()), (503, 200));
    assert!(!ready.text.contains("postgres"), "{}", ready.text);
    is_page(&login, 200);
}

mod a_database_that_is_away_costs_patience_and_no_text {
    use super::*;

    #[tokio::test]
    async fn postgres() {
        let gate = Gate::to_postgres().await;
        let app = TestApp::start(Database::postgres_behind(&gate).await).await;
        let david = app.signed_in("davidjones").await;
        let gate = gate.shut().await;
        let (sent, ()) = tokio::join!(send(&david), everything_else_waits_too(&app, &david));
        are_told_to_wait(&sent);
        let gate = gate.open().await;
        is_over(&app, &david).await;
        app.stop().await;
        drop(gate);
    }

    #[tokio::test]
    async fn sqlite() {
        let app = TestApp::start(Database::sqlite()).await;
        let david = app.signed_in("davidjones").await;
        // Another process that writes and does not end.
        let other = migrations::connect(&app.database.url()).await.unwrap();
        other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
        let (sent, page) = tokio::join!(send(&david), david.get("/conversations/jamessmith"));
        // Reading goes on meanwhile.
        is_page(&page, 200);
        are_told_to_wait(&sent);
        other.execute_unprepared("ROLLBACK").await.unwrap();
        other.close().await.unwrap();
        is_over(&app, &david).await;
        app.stop().await;
    }
}
