//! Requests that schemathesis makes up out of the API's document, good ones and bad ones: no answer
//! is a 500, and each is one that the document names, with the body and the headers it says.

use std::process::Stdio;

use tokio::process::Command;

use super::answers::cookie_of;
use crate::support::{Database, TestApp};

/// Requests of each endpoint, besides the examples and those at the edges of each value.
const EXAMPLES: &str = "60";

#[tokio::test]
async fn every_answer_of_the_api_fits_its_document() {
    let program = std::env::var("TEST_SCHEMATHESIS")
        .expect("TEST_SCHEMATHESIS is not set: run the tests with `cargo xtask test`");
    let app = TestApp::start(Database::sqlite()).await;
    app.message("jamessmith", "davidjones", "hello").await;
    let cookie = cookie_of(&app, "davidjones").await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command
        .args(["--no-color", "run", &app.url("/api/openapi.json")])
        .args(["--header", &format!("Cookie: {cookie}")])
        // One would sign out everybody after it, and the other has no end.
        .args(["--exclude-operation-id", "sign_out"])
        .args(["--exclude-operation-id", "follow_events"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", EXAMPLES, "--continue-on-failure"])
        .args([
            "--generation-deterministic",
            "--suppress-health-check",
            "all",
        ])
        .args(["--generation-with-security-parameters", "false"])
        // A schema cannot say all of what makes a request good: that a cursor is one of ours.
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args(["--warnings", "off"])
        .current_dir(folder.path())
        .stdin(Stdio::null());
    let ran = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(
        ran.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let tried = said
        .lines()
        .find(|line| line.trim_start().ends_with("skipped") || line.contains(" generated, "));
    println!("{}", tried.expect("how many it tried"));
    assert!(said.contains("10 selected / 12 total"), "{said}");
    app.stop().await;
}
