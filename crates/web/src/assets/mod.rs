//! The files that come with the pages, inside the binary. Their names carry a digest of their
//! content, so that a browser may keep them for a year and never has an old one.

#[cfg(test)]
mod digest;

use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::pages::PageError;
use crate::paths;

/// One file, made by `build.rs`.
pub(crate) struct File {
    name: &'static str,
    content_type: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
}

impl File {
    /// Where it is served.
    pub(crate) fn path(&self) -> String {
        paths::Asset {
            file: self.name.to_owned(),
        }
        .to_string()
    }
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Serves one of them, compressed when the client can take it.
pub(crate) async fn serve(path: paths::Asset, headers: HeaderMap) -> Result<Response, PageError> {
    let files = [&SCRIPT, &STYLE, &ICON, &MANIFEST];
    let file = files.into_iter().find(|file| file.name == path.file);
    let file = file.ok_or(PageError::NotFound)?;
    let forever = [
        (CONTENT_TYPE, file.content_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (VARY, "Accept-Encoding"),
    ];
    if !takes_gzip(&headers) {
        return Ok((forever, file.plain).into_response());
    }
    let mut response = (forever, file.gzip).into_response();
    response
        .headers_mut()
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(response)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut codings = accepted.flat_map(|value| value.split(','));
    codings.any(|coding| match coding.trim().split_once(';') {
        None => coding.trim().eq_ignore_ascii_case("gzip"),
        Some((name, quality)) => {
            let refused = matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            name.trim().eq_ignore_ascii_case("gzip") && !refused
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (accepted, takes) in [
            (Some("gzip, deflate, br"), true),
            (Some("br;q=1.0, gzip;q=0.8"), true),
            (Some("gzip;q=0"), false),
            (Some("identity"), false),
            (None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accepted) = accepted {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            }
            assert_eq!(takes_gzip(&headers), takes, "{accepted:?}");
        }
    }

    #[test]
    fn htmx_and_our_script_are_one_file() {
        let script = std::str::from_utf8(SCRIPT.plain).unwrap();
        assert!(script.contains("outbox") && script.contains("HX-Request"));
        assert!(SCRIPT.gzip.len() < SCRIPT.plain.len() / 2);
    }
}
