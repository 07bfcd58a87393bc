use tower_cookies::cookie::SameSite;
use tower_cookies::{Cookie, Cookies};

use crate::Config;

/// In which colours a browser shows the pages. It is the browser's, not the user's: a cookie keeps
/// it, so that the page of the sign-in form has it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];
    /// The name of the cookie.
    pub const COOKIE: &'static str = "theme";
    const KEPT_FOR: time::Duration = time::Duration::days(365);

    /// The value of the cookie, and of a page's `data-theme`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads back what [`Theme::as_str`] wrote.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == raw)
    }

    /// Has the browser keep it for a year.
    pub fn keep(self, cookies: &Cookies, config: &Config) {
        let cookie = Cookie::build((Self::COOKIE, self.as_str()))
            .path("/")
            .max_age(Self::KEPT_FOR)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(config.is_https());
        cookies.add(cookie.build());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_reads_back_as_written_and_nothing_else_is_one() {
        for theme in Theme::ALL {
            assert_eq!(Theme::parse(theme.as_str()), Some(theme));
        }
        for raw in ["", "Dark", "dark ", "blue"] {
            assert_eq!(Theme::parse(raw), None);
        }
    }
}
