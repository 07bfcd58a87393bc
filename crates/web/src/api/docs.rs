//! The API's document, for programs and as a page to read and try; neither needs a session.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{DOCTYPE, Markup, html};
use serde_json::json;
use utoipa::openapi::OpenApi;

use crate::App;

const DOCUMENT: &str = "/api/openapi.json";
const PAGE: &str = "/api/docs";
const READER: &str = "/api/docs/scalar.js";

/// As strict as every page's but for styles: the reader makes its own as it runs.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The reader's script, taken out of the binary once.
static SCRIPT: LazyLock<Bytes> = LazyLock::new(|| {
    let script = scalar_api_reference::get_asset("scalar.js");
    script.expect("the crate has its script embedded").into()
});

/// `/api/openapi.json`, `/api/docs` and the script it needs.
pub(super) fn routes(document: &OpenApi) -> Router<App> {
    let document = document
        .to_pretty_json()
        .expect("a document of strings and numbers is JSON");
    let document = Bytes::from(document);
    Router::new()
        .route(
            DOCUMENT,
            get(async || ([(CONTENT_TYPE, "application/json")], document)),
        )
        .route(PAGE, get(page))
        .route(READER, get(script))
}

async fn page() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, CSP)], reader())
}

async fn script() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/javascript"),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, SCRIPT.clone())
}

/// The page starts the reader on our document, with everything off that would talk to a server
/// other than this one.
fn reader() -> Markup {
    let configuration = json!({
        "url": DOCUMENT,
        "withDefaultFonts": false,
        "telemetry": false,
        "agent": { "disabled": true },
        "mcp": { "disabled": true },
        "hideClientButton": true,
        "showDeveloperTools": "never",
    });
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "The API of jbl-chat" }
            }
            body {
                noscript { p { "This page needs JavaScript; the document itself is at " a href=(DOCUMENT) { (DOCUMENT) } "." } }
                script id="api-reference" data-configuration=(configuration) {}
                script src=(READER) {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_takes_nothing_from_another_host() {
        let page = reader().into_string();
        assert!(page.contains(r#"src="/api/docs/scalar.js""#));
        assert!(!page.contains("//"), "{page}");
        assert!(!CSP.contains("http"));
        assert!(SCRIPT.len() > 1_000_000);
    }
}
