//! The values of single settings. Each error says by itself what is allowed.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

/// An address to listen on.
pub(super) fn listen_addr(raw: &str) -> Result<SocketAddr, String> {
    raw.parse().map_err(|_| {
        format!("{raw:?} is not an address with a port, such as 127.0.0.1:8000 or [::]:8000")
    })
}

/// The root of a site, which the pages assume to be their own.
pub(super) fn public_url(raw: &str) -> Result<Url, String> {
    Url::parse(raw)
        .ok()
        .filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        })
        .ok_or_else(|| {
            format!(
                "{raw:?} is not the address of a site; write http:// or https://, a host, and a \
                 port if it needs one, and no path"
            )
        })
}

/// One address or net of a list.
pub(super) fn net(raw: &str) -> Result<IpNet, String> {
    let raw = raw.trim();
    raw.parse::<IpNet>()
        .or_else(|_| raw.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| {
            format!(
                "{raw:?} is neither an address nor a net; write a comma-separated list such as \
                 10.0.0.1,192.168.0.0/16,fd00::/8"
            )
        })
}

/// A tracing filter. A bare word that is no level would be taken for the name of a module and
/// silence everything else, so it is refused.
pub(super) fn log_filter(raw: &str) -> Result<String, String> {
    let names_a_level = |directive: &str| {
        let word = directive.trim();
        let is_level = || !word.is_empty() && word.parse::<LevelFilter>().is_ok();
        word.contains(['=', '[']) || is_level()
    };
    // The library panics at some characters that take more than a byte; no target has one.
    if raw.is_ascii()
        && raw.split(',').all(names_a_level)
        && EnvFilter::builder().parse(raw).is_ok()
    {
        Ok(raw.to_owned())
    } else {
        Err(format!(
            "{raw:?} is not a log filter; write error, warn, info, debug, trace or off, with \
             target=level after commas if you like"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_the_root_of_a_site() {
        for raw in ["http://127.0.0.1:8000", "https://chat.example.com/"] {
            assert!(public_url(raw).is_ok(), "{raw}");
        }
        for raw in [
            "chat.example.com",
            "ftp://chat.example.com",
            "https://",
            "https://example.com/chat",
            "https://example.com/?a",
            "https://me:secret@example.com",
        ] {
            assert!(public_url(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn a_net_is_an_address_or_a_range() {
        assert_eq!(net("10.0.0.1").unwrap().to_string(), "10.0.0.1/32");
        assert_eq!(net(" fd00::/8 ").unwrap().to_string(), "fd00::/8");
        for raw in ["", "localhost", "10.0.0.0/33", "10.0.0"] {
            assert!(net(raw).unwrap_err().contains("192.168.0.0/16"), "{raw}");
        }
    }

    #[test]
    fn a_log_filter_names_levels() {
        for raw in [
            "info",
            "WARN",
            "off",
            "info,web=debug",
            "web[request]=trace",
        ] {
            assert!(log_filter(raw).is_ok(), "{raw}");
        }
        for raw in [
            "",
            "inof",
            "info,verbose",
            "web=loud",
            "\u{202f}1\0[{{bod}92\"2",
        ] {
            assert!(log_filter(raw).is_err(), "{raw}");
        }
    }
}
