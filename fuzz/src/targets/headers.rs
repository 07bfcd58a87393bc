//! Headers: cookies, forwarded addresses, what htmx says.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderName, HeaderValue, Request};
use tower_cookies::Cookies;
use tower_cookies::cookie::Cookie;
use web::Config;
use web::requests::{Client, ClientAddress, Looks, SessionCookie};

use super::requests::runtime;

/// A stranger never chooses the address they are counted by, and no header breaks anything.
pub fn run(input: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(input) else {
        return;
    };
    let mut request = Request::new(());
    for name in ["cookie", "x-forwarded-for", "hx-request", "hx-target"] {
        let name = HeaderName::from_static(name);
        request.headers_mut().insert(name, value.clone());
    }
    let (mut parts, ()) = request.into_parts();
    let _looks = Looks::of(&parts.headers);
    let _client = Client::of(&parts.uri, &parts.headers);

    let cookies = Cookies::default();
    if let Ok(text) = value.to_str() {
        let held = Cookie::split_parse(text.to_owned()).flatten();
        held.for_each(|cookie| cookies.add(cookie));
    }
    parts.extensions.insert(cookies);
    for (peer, is_trusted) in [("10.0.0.1:1", true), ("203.0.113.9:1", false)] {
        let peer: SocketAddr = peer.parse().expect("an address");
        parts.extensions.insert(ConnectInfo(peer));
        let config = Arc::new(Config {
            public_url: "https://chat.example".parse().expect("a URL"),
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a net")],
        });
        let (address, cookie) = runtime().block_on(async {
            let address = ClientAddress::from_request_parts(&mut parts, &config).await;
            (
                address,
                SessionCookie::from_request_parts(&mut parts, &config).await,
            )
        });
        let Ok(ClientAddress(address)) = address;
        assert!(is_trusted || address == peer.ip());
        let Ok(cookie) = cookie;
        if let Some(token) = cookie.token() {
            assert_eq!(token.expose().len(), 64);
        }
    }
}
