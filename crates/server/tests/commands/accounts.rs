use std::time::Duration;

use rstest::rstest;

use crate::place::Place;

#[test]
fn an_operator_makes_lists_and_changes_accounts() {
    let place = Place::migrated();
    let add = ["user", "add", "zoe", "--display-name", "Zoë Quinn"];
    let added = place.run(&add, "correct horse\n").succeeded();
    assert_eq!(added, "added zoe\n");
    place
        .run(&["user", "add", "ZOE"], "battery staple\n")
        .failed(1, &["ZOE", "taken"]);

    let list = place.run(&["user", "list"], "").succeeded();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(lines[0].starts_with("USERNAME  DISPLAY NAME  "), "{list}");
    assert!(lines[1].starts_with("zoe       Zoë Quinn     "), "{list}");
    assert!(lines[1].ends_with("Z  never      enabled"), "{list}");

    place.run(&["user", "disable", "Zoe"], "").succeeded();
    let list = place.run(&["user", "list"], "").succeeded();
    assert!(list.contains("disabled 20"), "{list}");
    place.run(&["user", "enable", "zoe"], "").succeeded();
    let list = place.run(&["user", "list"], "").succeeded();
    assert!(!list.contains("disabled"), "{list}");
}

#[rstest]
#[case::bad_name(&["user", "add", "a b"], "correct horse\n", 2, &["<NAME>", "letters"])]
#[case::no_name(&["user", "add"], "correct horse\n", 2, &["<NAME>"])]
#[case::bad_display_name(&["user", "add", "bob", "--display-name", " "], "correct horse\n", 2, &["--display-name", "empty"])]
#[case::turning_display_name(&["user", "add", "bob", "--display-name", "\u{202e}yraM"], "correct horse\n", 2, &["--display-name", "direction"])]
#[case::no_password(&["user", "add", "bob"], "", 1, &["password", "first line"])]
#[case::short_password(&["user", "add", "bob"], "horse\n", 1, &["password", "at least 8"])]
#[case::common_password(&["user", "add", "bob"], "password\n", 1, &["password", "commonest"])]
#[case::unknown_to_passwd(&["user", "passwd", "bob"], "correct horse\n", 1, &["no user bob"])]
#[case::unknown_to_passwd_before_it_asks(&["user", "passwd", "bob"], "", 1, &["no user bob"])]
#[case::unknown_to_disable(&["user", "disable", "bob"], "", 1, &["no user bob"])]
#[case::unknown_to_enable(&["user", "enable", "bob"], "", 1, &["no user bob"])]
#[case::unknown_command(&["user", "remove", "bob"], "", 2, &["remove"])]
fn bad_input_about_an_account_changes_nothing_and_says_why(
    #[case] args: &[&str],
    #[case] input: &str,
    #[case] code: i32,
    #[case] words: &[&str],
) {
    let place = Place::migrated();
    place.run(args, input).failed(code, words);
    let list = place.run(&["user", "list"], "").succeeded();
    assert_eq!(list.lines().count(), 1, "{list}");
}

#[tokio::test]
async fn a_new_password_signs_in_and_the_old_one_no_longer() {
    let place = Place::with_zoe();
    let server = place.serve();
    assert_eq!(server.sign_in("correct horse").await.status(), 201);
    let changed = place
        .run(&["user", "passwd", "zoe"], "battery staple\r\n")
        .succeeded();
    assert!(changed.contains("zoe"), "{changed}");
    assert_eq!(server.sign_in("correct horse").await.status(), 401);
    assert_eq!(server.sign_in("battery staple").await.status(), 201);
    place.run(&["user", "disable", "zoe"], "").succeeded();
    assert_eq!(server.sign_in("battery staple").await.status(), 401);
}

#[tokio::test]
async fn open_streams_end_with_the_password_and_with_the_account() {
    let place = Place::with_zoe();
    let server = place.serve();
    for (password, command, input) in [
        ("correct horse", "passwd", "battery staple\n"),
        ("battery staple", "disable", ""),
    ] {
        let session = server.sign_in(password).await;
        let cookie = session.headers()["set-cookie"].to_str().unwrap().to_owned();
        let mut stream = reqwest::Client::new()
            .get(format!("http://{}/api/v1/events", server.address))
            .header("cookie", cookie.split(';').next().unwrap())
            .send()
            .await
            .unwrap();
        let begins = stream.chunk().await.unwrap().unwrap();
        assert!(begins.starts_with(b"event: ping\n"), "{begins:?}");
        place.run(&["user", command, "zoe"], input).succeeded();
        // Far sooner than the next regular look of a stream at its session.
        let told = tokio::time::timeout(Duration::from_secs(5), stream.chunk()).await;
        let told = told.expect(command).unwrap().unwrap();
        assert!(told.starts_with(b"event: session-ended\n"), "{told:?}");
        assert_eq!(stream.chunk().await.unwrap(), None);
    }
}
