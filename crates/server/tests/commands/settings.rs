use rstest::rstest;

use crate::place::{Place, Server, outcome};

#[rstest]
#[case("LISTEN_ADDR", "8000", &["127.0.0.1:8000"])]
#[case("LISTEN_ADDR", "localhost:http", &["127.0.0.1:8000"])]
#[case("PUBLIC_URL", "chat.example.com", &["https://"])]
#[case("PUBLIC_URL", "https://example.com/chat", &["no path"])]
#[case("SEND_RATE", "10", &["N/s", "burst=M", "off"])]
#[case("SEND_RATE", "0/s", &["N/s", "from 1"])]
#[case("LOGIN_RATE", "5/day", &["N/min", "off"])]
#[case("TRUSTED_PROXIES", "10.0.0.1,proxy", &["\"proxy\"", "192.168.0.0/16"])]
#[case("LOG", "inof", &["warn", "debug"])]
#[case("LOG_FORMAT", "xml", &["text", "json"])]
#[case("BROKER_URL", "redis://me:secret@localhost", &["nats://127.0.0.1:4222", "unset"])]
#[case("METRICS_ADDR", "9000", &["127.0.0.1:8000"])]
#[case("DATABASE_URL", "mysql://me:secret@localhost/chat", &["sqlite:", "postgres://"])]
fn a_bad_setting_stops_the_start_with_a_line_that_names_it(
    #[case] name: &str,
    #[case] value: &str,
    #[case] words: &[&str],
) {
    let place = Place::migrated();
    let mut command = place.command(&["serve"]);
    command.env(name, value);
    let by_environment = outcome(command, "");
    by_environment.failed(2, &[&[name], words].concat());
    assert!(!by_environment.err.contains("secret"));

    let flag = format!("--{}", name.to_lowercase().replace('_', "-"));
    let mut command = place.command(&["serve", &flag, value]);
    command.env_remove(name);
    outcome(command, "").failed(2, &[&[name], words].concat());
}

#[test]
fn an_unknown_flag_stops_the_start() {
    let place = Place::migrated();
    place
        .run(&["serve", "--brokr-url", "x"], "")
        .failed(2, &["--brokr-url"]);
    place.run(&["srve"], "").failed(2, &["srve"]);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let place = Place::migrated();
    let mut command = place.command(&["serve"]);
    for name in [
        "PUBLIC_URL",
        "SEND_RATE",
        "LOGIN_RATE",
        "TRUSTED_PROXIES",
        "LOG",
        "LOG_FORMAT",
        "BROKER_URL",
        "METRICS_ADDR",
    ] {
        command.env(name, "");
    }
    assert_eq!(Server::start(command).stop().0, Some(0));
}

#[test]
fn help_lists_every_setting_and_its_default_and_no_secret() {
    let place = Place::new();
    let mut command = place.command(&["serve", "--help"]);
    command.env("DATABASE_URL", "postgres://me:secret@localhost/chat");
    let help = outcome(command, "").succeeded();
    for word in [
        "DATABASE_URL",
        "sqlite://data/jbl-chat.db",
        "BROKER_URL",
        "LISTEN_ADDR",
        "127.0.0.1:8000",
        "PUBLIC_URL",
        "METRICS_ADDR",
        "SEND_RATE",
        "10/s,burst=40",
        "LOGIN_RATE",
        "5/min,burst=10",
        "TRUSTED_PROXIES",
        "LOG",
        "info",
        "LOG_FORMAT",
    ] {
        assert!(help.contains(word), "no {word} in {help}");
    }
    assert!(!help.contains("secret"), "{help}");
}

#[test]
fn the_database_can_be_named_before_and_after_the_command() {
    let place = Place::new();
    let (a, b) = (place.database("a.db"), place.database("new/b.db"));
    place
        .run(&["--database-url", &a, "migrate"], "")
        .succeeded();
    place
        .run(&["migrate", "up", "--database-url", &b], "")
        .succeeded();
    assert!(place.file("a.db").exists() && place.file("new/b.db").exists());
    assert!(!place.file("chat.db").exists());
}

#[test]
fn a_broker_that_cannot_be_reached_is_named_and_its_password_is_not() {
    let place = Place::migrated();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut command = place.command(&["serve"]);
    command.env("BROKER_URL", format!("nats://me:secret@{address}"));
    let refused = outcome(command, "");
    refused.failed(1, &["BROKER_URL", "NATS cannot be reached"]);
    assert!(!refused.err.contains("secret"), "{}", refused.err);
}

#[test]
fn a_taken_address_is_named() {
    let place = Place::migrated();
    let server = place.serve();
    let mut command = place.command(&["serve"]);
    command.env("LISTEN_ADDR", &server.address);
    outcome(command, "").failed(1, &["LISTEN_ADDR", &server.address]);

    let mut command = place.command(&["serve"]);
    command.env("METRICS_ADDR", &server.address);
    outcome(command, "").failed(1, &["METRICS_ADDR", &server.address]);
}
