use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::StoreError;
use domain::sessions::{Authenticated, SessionToken};
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

/// Why there is no [`Viewer`].
#[derive(Debug)]
pub enum NoViewer {
    /// Nobody is signed in: what this client is to be told.
    SignedOut(Response),
    /// Whether somebody is could not be found out.
    Unknown(Arc<StoreError>),
}

impl IntoResponse for NoViewer {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut(response) => response,
            // The outermost layer gives it the body its client can use.
            Self::Unknown(error) => PageError::Store(error).into_response(),
        }
    }
}

impl<S> FromRequestParts<S> for Viewer
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = NoViewer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoViewer> {
        let session = ActiveSession::from_request_parts(parts, state).await?;
        Ok(Self(session.authenticated.user))
    }
}

/// The session a request belongs to, for what goes on with it beyond the answer.
#[derive(Debug)]
pub struct ActiveSession {
    /// Which it is, and whose.
    pub authenticated: Authenticated,
    /// What proves it, now and later.
    pub token: SessionToken,
}

impl<S> FromRequestParts<S> for ActiveSession
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = NoViewer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoViewer> {
        let app = App::from_ref(state);
        let client = Client::of(&parts.uri, &parts.headers);
        let cookie = SessionCookie::from_request_parts(parts, &app)
            .await
            .unwrap_or_else(|e| match e {});
        let signed_out = || NoViewer::SignedOut(no_session(client, parts));
        let token = cookie.token().ok_or_else(signed_out)?;
        let found = app.sessions.authenticate(&token).await;
        let found = found.map_err(|error| NoViewer::Unknown(Arc::new(error)))?;
        let authenticated = found.ok_or_else(signed_out)?;
        if authenticated.touch_due {
            touch(app, authenticated.clone());
        }
        Ok(Self {
            authenticated,
            token,
        })
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
