use std::fmt;
use std::str::FromStr;

use url::Url;

/// Where the broker between the nodes is. Prints as `[redacted]`, as it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl(String);

/// What is no [`BrokerUrl`]. It does not repeat the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be nats:// and a host without a path, such as nats://127.0.0.1:4222; unset it for a single node"
)]
pub struct BrokerUrlError;

impl BrokerUrl {
    /// The URL, for connecting only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for BrokerUrl {
    type Err = BrokerUrlError;

    fn from_str(raw: &str) -> Result<Self, BrokerUrlError> {
        Url::parse(raw)
            .ok()
            .filter(|url| url.scheme() == "nats" && url.has_host())
            .filter(|url| matches!(url.path(), "" | "/"))
            .filter(|url| url.query().is_none() && url.fragment().is_none())
            .map(|_| Self(raw.to_owned()))
            .ok_or(BrokerUrlError)
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_a_nats_server_and_prints_as_redacted() {
        for raw in ["nats://127.0.0.1:4222", "nats://me:secret@broker"] {
            let url: BrokerUrl = raw.parse().unwrap();
            assert_eq!(url.expose(), raw);
            assert_eq!(format!("{url:?}"), "[redacted]");
        }
        for raw in [
            "",
            "localhost:4222",
            "redis://localhost",
            "nats:",
            "nats://",
            "nats://broker:4222/x",
            "nats://broker?x",
            "nats://broker#x",
        ] {
            assert_eq!(raw.parse::<BrokerUrl>(), Err(BrokerUrlError), "{raw}");
        }
    }
}
