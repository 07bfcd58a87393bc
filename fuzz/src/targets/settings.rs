//! What an operator may mistype.

use server::settings::{BrokerUrl, Cli, DatabaseUrl, NotParsed, RateLimit};

const FLAGS: [&str; 10] = [
    "--database-url",
    "--listen-addr",
    "--public-url",
    "--send-rate",
    "--login-rate",
    "--trusted-proxies",
    "--broker-url",
    "--metrics-addr",
    "--log",
    "--log-format",
];

/// A wrong setting is one line, and a password in it is not repeated.
pub fn run(input: &[u8]) {
    let Ok(raw) = std::str::from_utf8(input) else {
        return;
    };
    let _ = raw
        .parse::<DatabaseUrl>()
        .map(|url| (url.is_known(), url.sqlite_file()));
    let _ = raw.parse::<BrokerUrl>();
    let _ = raw.parse::<RateLimit>();
    for flag in FLAGS {
        let given = format!("{flag}={raw}");
        let read = Cli::read(["jbl-chat", "serve", &given].map(Into::into));
        if let Err(NotParsed::Wrong(line)) = read {
            assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
            let is_url = matches!(flag, "--database-url" | "--broker-url");
            assert!(
                !is_url || !raw.contains("x9q") || !line.contains("x9q"),
                "{line:?}"
            );
        }
    }
}
