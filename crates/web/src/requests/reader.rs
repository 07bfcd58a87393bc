use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use domain::Timestamp;
use domain::users::User;
use jiff::tz::TimeZone;
use tower_cookies::Cookie;

use super::{NoViewer, Theme, Viewer};
use crate::App;

/// Who reads a page, when, and how they want to see it.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Who it is.
    pub user: User,
    /// How they want to see it.
    pub looks: Looks,
    /// What is "today" and "five minutes ago" on it, and from where the stream of a page goes on: so
    /// it is taken before anything that the page shows is read.
    pub now: Timestamp,
}

impl<S> FromRequestParts<S> for Reader
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = NoViewer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoViewer> {
        let Viewer(user) = Viewer::from_request_parts(parts, state).await?;
        Ok(Self {
            user,
            looks: Looks::of(&parts.headers),
            now: App::from_ref(state).clock.now(),
        })
    }
}

/// What a browser wants pages to look like. It says so in two cookies that hold nothing secret;
/// what they hold is never trusted to be more than one of the values known here.
#[derive(Clone, Debug)]
pub struct Looks {
    /// In which colours.
    pub theme: Theme,
    /// From the cookie `zone`, an IANA name, which the script writes; without one it is UTC.
    pub zone: TimeZone,
}

impl Looks {
    /// Reads the cookies among these headers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut looks = Self {
            theme: Theme::System,
            zone: TimeZone::UTC,
        };
        let lines = headers.get_all(COOKIE).iter();
        let cookies = lines.filter_map(|line| line.to_str().ok());
        for cookie in cookies.flat_map(Cookie::split_parse).flatten() {
            match cookie.name() {
                Theme::COOKIE => looks.theme = Theme::parse(cookie.value()).unwrap_or_default(),
                "zone" => looks.zone = TimeZone::get(cookie.value()).unwrap_or(TimeZone::UTC),
                _ => {}
            }
        }
        looks
    }
}

impl<S: Sync> FromRequestParts<S> for Looks {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_values_change_the_looks() {
        let of = |cookie: &str| {
            let headers = HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())]);
            let looks = Looks::of(&headers);
            let zone = looks.zone.iana_name().unwrap().to_owned();
            (looks.theme, zone)
        };
        let utc = || "UTC".to_owned();
        assert_eq!(of("a=b"), (Theme::System, utc()));
        assert_eq!(of("theme=light; zone=x"), (Theme::Light, utc()));
        assert_eq!(
            of("zone=../../etc/passwd; theme=\"><b>"),
            (Theme::System, utc())
        );
        let berlin = "Europe/Berlin".to_owned();
        assert_eq!(of("theme=dark; zone=Europe/Berlin"), (Theme::Dark, berlin));
    }
}
