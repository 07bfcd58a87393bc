use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use domain::sessions::{Session, SessionToken};
use tower_cookies::cookie::SameSite;
use tower_cookies::{Cookie, Cookies};

use crate::Config;

/// The cookie that holds a session's token.
///
/// `HttpOnly`, `SameSite=Lax`, for this host only; over https also `Secure` with the `__Host-`
/// prefix, so that no sub-domain and no plain connection can set or read it.
pub struct SessionCookie {
    cookies: Cookies,
    config: Arc<Config>,
}

impl SessionCookie {
    /// The token the client holds, when it could be one.
    #[must_use]
    pub fn token(&self) -> Option<SessionToken> {
        let cookie = self.cookies.get(self.name())?;
        SessionToken::parse(cookie.value()).ok()
    }

    /// Gives the client a token to hold.
    pub fn set(&self, token: &SessionToken) {
        let mut cookie = self.bare(token.expose());
        let seconds = i64::try_from(Session::ABSOLUTE.as_secs()).unwrap_or(i64::MAX);
        cookie.set_max_age(time::Duration::seconds(seconds));
        self.cookies.add(cookie);
    }

    /// Takes it back.
    pub fn clear(&self) {
        self.cookies.remove(self.bare(String::new()));
    }

    fn bare(&self, value: String) -> Cookie<'static> {
        Cookie::build((self.name(), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.config.is_https())
            .build()
    }

    fn name(&self) -> &'static str {
        if self.config.is_https() {
            "__Host-jbl_session"
        } else {
            "jbl_session"
        }
    }
}

impl<S> FromRequestParts<S> for SessionCookie
where
    S: Send + Sync,
    Arc<Config>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        // The cookie layer stands before every route; without it nobody is signed in.
        let cookies = parts
            .extensions
            .get::<Cookies>()
            .cloned()
            .unwrap_or_default();
        Ok(Self {
            cookies,
            config: Arc::from_ref(state),
        })
    }
}
