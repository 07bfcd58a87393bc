use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};

use crate::paths;

/// What kind of client asks, and so what kind of answer it can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// A browser that wants a whole page.
    Browser,
    /// htmx on a page that is there already, wanting a piece of it.
    Htmx(Fragment),
    /// A program, under `/api`.
    Json,
}

/// Which piece htmx will put its answer into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// The main pane: another page is opened.
    Pane,
    /// Something within the pane.
    Part,
}

impl Client {
    /// Tells by the path and the headers that htmx sets.
    #[must_use]
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let path = uri.path();
        if path == paths::API || path.starts_with("/api/") {
            return Self::Json;
        }
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
        match is("hx-request", "true") {
            true if is("hx-target", "main#main") => Self::Htmx(Fragment::Pane),
            true => Self::Htmx(Fragment::Part),
            false => Self::Browser,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_path_and_the_headers_of_htmx_tell_the_client() {
        let of = |path: &'static str, headers: &[(&'static str, &'static str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
            Client::of(&Uri::from_static(path), &headers.collect())
        };
        assert_eq!(of("/users", &[]), Client::Browser);
        assert_eq!(of("/apiary", &[]), Client::Browser);
        assert_eq!(of("/api", &[]), Client::Json);
        assert_eq!(of("/api/v1/users", &[("hx-request", "true")]), Client::Json);
        assert_eq!(
            of("/users", &[("hx-request", "true")]),
            Client::Htmx(Fragment::Part)
        );
        let pane = [("hx-request", "true"), ("hx-target", "main#main")];
        assert_eq!(of("/users", &pane), Client::Htmx(Fragment::Pane));
    }
}
