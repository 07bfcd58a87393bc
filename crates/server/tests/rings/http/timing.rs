//! How long an answer takes tells nothing that the answer does not say.

use std::time::{Duration, Instant};

use crate::support::{Database, PASSWORD, TestApp, TestClient};

/// What one answer takes when little else goes on: the lower quartile of so many tries. They take
/// turns, each time in another order, so that whatever the machine does meanwhile hits all alike.
async fn quartiles<const N: usize>(tries: usize, asks: [impl AsyncFn(); N]) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    // The first round is not counted: there may be something to prepare.
    for round in 0..=tries {
        for n in (0..N).map(|n| (n + round) % N) {
            let asked = Instant::now();
            asks[n]().await;
            if round > 0 {
                times[n].push(asked.elapsed());
            }
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[tries / 4]
    })
}

/// None takes twice as long as another: what has to be hidden costs many times as much.
#[track_caller]
fn are_alike<const N: usize>(names: [&str; N], times: [Duration; N]) {
    let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    assert!(*most < *least * 2, "{names:?} took {times:?}");
}

#[tokio::test]
async fn a_name_that_is_unknown_or_disabled_takes_as_long_to_refuse_as_a_wrong_password() {
    let app = TestApp::start(Database::sqlite()).await;
    app.disable("marybrown").await;
    let client = app.client();
    let credentials = [
        ("davidjones", "a guess"),
        ("nobody.here", "a guess"),
        ("no name <>", "a guess"),
        ("marybrown", PASSWORD),
    ];
    let asks = credentials.map(|(name, password)| {
        let client = &client;
        async move || {
            let form = [("username", name), ("password", password)];
            client.post_form("/login", &form).await.expect(401);
        }
    });
    are_alike(credentials.map(|(name, _)| name), quartiles(12, asks).await);
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_ones_own_takes_as_long_as_what_does_not_exist() {
    let app = TestApp::start(Database::sqlite()).await;
    // With much to read, if it could be read.
    for n in 1..=60 {
        app.message("marybrown", "davidjones", &"a secret ".repeat(n * 10))
            .await;
    }
    app.disable("marybrown").await;
    let david = app.signed_in("davidjones").await;
    for path in ["/conversations/NAME", "/api/v1/conversations/NAME/messages"] {
        let names = ["nobody.here", "marybrown", "davidjones"];
        let asks = names.map(|name| {
            let (david, path): (&TestClient, _) = (&david, path.replace("NAME", name));
            async move || drop(david.get(&path).await.expect(404))
        });
        are_alike(names, quartiles(60, asks).await);
    }
    app.stop().await;
}
