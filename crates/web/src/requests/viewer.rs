use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::sessions::Authenticated;
use domain::users::User;

use super::{Client, SessionCookie};
use crate::api::ApiError;
use crate::pages::PageError;
use crate::{App, paths};

/// Who asks: extracting it is what makes a route ask for a session.
///
/// Without one a browser is led to the sign-in form (303), htmx is told to go there (401 with
/// `HX-Redirect`), and a program gets a 401 problem.
#[derive(Clone, Debug)]
pub struct Viewer(pub User);

impl<S> FromRequestParts<S> for Viewer
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let app = App::from_ref(state);
        let client = Client::of(&parts.uri, &parts.headers);
        let cookie = SessionCookie::from_request_parts(parts, &app)
            .await
            .unwrap_or_else(|e| match e {});
        let Some(token) = cookie.token() else {
            return Err(no_session(client, parts));
        };
        match app.sessions.authenticate(&token).await {
            Ok(Some(authenticated)) => {
                if authenticated.touch_due {
                    touch(app, authenticated.clone());
                }
                Ok(Self(authenticated.user))
            }
            Ok(None) => Err(no_session(client, parts)),
            Err(error) if client == Client::Json => Err(ApiError::from(error).into_response()),
            Err(error) => Err(PageError::from(error).into_response()),
        }
    }
}

/// Writes the sign of life down beside the answer, which does not wait for it.
fn touch(app: App, authenticated: Authenticated) {
    tokio::spawn(async move {
        if let Err(error) = app.sessions.touch(&authenticated).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a sign of life was not stored"
            );
        }
    });
}

fn no_session(client: Client, parts: &Parts) -> Response {
    match client {
        Client::Json => ApiError::NotSignedIn.into_response(),
        Client::Browser if parts.method.is_safe() => {
            let asked = parts
                .uri
                .path_and_query()
                .map_or("", |asked| asked.as_str());
            Redirect::to(&paths::login(asked)).into_response()
        }
        // Where a form goes is not always a page; where it stood is.
        Client::Browser => Redirect::to(&login_from(parts, "referer")).into_response(),
        Client::Htmx(_) => {
            let login = login_from(parts, "hx-current-url");
            (StatusCode::UNAUTHORIZED, [("hx-redirect", login)]).into_response()
        }
    }
}

/// The sign-in form that leads back to the page whose URL is in this header.
fn login_from(parts: &Parts, header: &str) -> String {
    let shown = parts.headers.get(header).and_then(|url| url.to_str().ok());
    let shown = shown.and_then(|url| url::Url::parse(url).ok());
    let next = shown.map_or(String::new(), |url| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    });
    paths::login(&next)
}
