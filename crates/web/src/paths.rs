//! Every URL of the server, written once: routes and views both use these types.
//!
//! A path prints as the URL that reaches it (`to_uri()` or `Display`), and reads a username out of
//! a URL; what cannot be a username is a page that does not exist.

use std::fmt;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::routing::TypedPath;
use domain::conversations::Seq;
use domain::users::Username;
use serde::{Deserialize, Deserializer};

/// A username in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub Username);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        Username::parse(&raw)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// A URL of the right form with something in it that cannot exist.
#[derive(Clone, Copy, Debug)]
pub struct NoSuchPath;

impl<E: std::error::Error> From<E> for NoSuchPath {
    fn from(_: E) -> Self {
        Self
    }
}

impl IntoResponse for NoSuchPath {
    fn into_response(self) -> Response {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// The start page.
#[derive(TypedPath, Deserialize)]
#[typed_path("/")]
pub struct Home;

/// The sign-in form, and where it goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/login")]
pub struct Login;

/// Where signing out goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/logout")]
pub struct Logout;

/// All other users.
#[derive(TypedPath, Deserialize)]
#[typed_path("/users")]
pub struct Users;

/// The inbox.
#[derive(TypedPath, Deserialize)]
#[typed_path("/conversations")]
pub struct Inbox;

/// One conversation.
#[derive(TypedPath, Deserialize)]
#[typed_path("/conversations/{username}", rejection(NoSuchPath))]
pub struct Conversation {
    /// With whom.
    pub username: Name,
}

/// A piece of its history, and where a new message goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/conversations/{username}/messages", rejection(NoSuchPath))]
pub struct Messages {
    /// With whom.
    pub username: Name,
}

/// Where "I have read this" goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/conversations/{username}/read", rejection(NoSuchPath))]
pub struct Read {
    /// With whom.
    pub username: Name,
}

/// Where "my client has this" goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/conversations/{username}/delivered", rejection(NoSuchPath))]
pub struct Delivered {
    /// With whom.
    pub username: Name,
}

/// Where "I am typing" goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/conversations/{username}/typing", rejection(NoSuchPath))]
pub struct Typing {
    /// With whom.
    pub username: Name,
}

/// One's own settings.
#[derive(TypedPath, Deserialize)]
#[typed_path("/settings")]
pub struct Settings;

/// Where another display name goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/settings/name")]
pub struct SettingsName;

/// Where a new password goes.
#[derive(TypedPath, Deserialize)]
#[typed_path("/settings/password")]
pub struct SettingsPassword;

/// Where read receipts are turned on and off.
#[derive(TypedPath, Deserialize)]
#[typed_path("/settings/receipts")]
pub struct SettingsReceipts;

/// Where light or dark is chosen.
#[derive(TypedPath, Deserialize)]
#[typed_path("/settings/theme")]
pub struct SettingsTheme;

/// Where one session of one's own is ended.
#[derive(TypedPath, Deserialize)]
#[typed_path("/settings/sessions/end")]
pub struct SettingsEndSession;

/// Where all of one's sessions are ended but the one that asks.
#[derive(TypedPath, Deserialize)]
#[typed_path("/settings/sessions/end-others")]
pub struct SettingsEndOthers;

/// The stream of what happens.
#[derive(TypedPath, Deserialize)]
#[typed_path("/events")]
pub struct Events;

/// Whether the process lives.
#[derive(TypedPath, Deserialize)]
#[typed_path("/healthz")]
pub struct Healthz;

/// Whether it can do its work.
#[derive(TypedPath, Deserialize)]
#[typed_path("/readyz")]
pub struct Readyz;

/// A file that comes with the pages; its name carries a digest of its content.
#[derive(TypedPath, Deserialize)]
#[typed_path("/assets/{file}", rejection(NoSuchPath))]
pub struct Asset {
    /// As `assets` names it.
    pub file: String,
}

/// Under this lies the JSON API, and nothing else.
pub const API: &str = "/api";

/// The conversation with `username`.
#[must_use]
pub fn conversation(username: &Username) -> String {
    Conversation {
        username: Name(username.clone()),
    }
    .to_string()
}

/// A message in the conversation with `username`, with what is around it.
#[must_use]
pub fn message(username: &Username, seq: Seq) -> String {
    format!("{}?at={seq}#m-{seq}", conversation(username))
}

/// Where a message to `username` goes.
#[must_use]
pub fn messages(username: &Username) -> String {
    Messages {
        username: Name(username.clone()),
    }
    .to_string()
}

/// The messages before `seq`, where those from `unread` on are to be marked as new.
#[must_use]
pub fn messages_before(username: &Username, seq: Seq, unread: Option<Seq>) -> String {
    let unread = unread.map_or(String::new(), |first| format!("&unread={first}"));
    format!("{}?before={seq}{unread}", messages(username))
}

/// The messages after `seq`.
#[must_use]
pub fn messages_after(username: &Username, seq: Seq) -> String {
    format!("{}?after={seq}", messages(username))
}

/// Where a read position in the conversation with `username` goes.
#[must_use]
pub fn read(username: &Username) -> String {
    Read {
        username: Name(username.clone()),
    }
    .to_string()
}

/// Where "my client has this" of the conversation with `username` goes.
#[must_use]
pub fn delivered(username: &Username) -> String {
    Delivered {
        username: Name(username.clone()),
    }
    .to_string()
}

/// A further piece of the inbox.
#[must_use]
pub fn inbox_before(cursor: &str) -> String {
    with_query(&Inbox, &[("before", cursor)])
}

/// A further piece of the people, all or those found.
#[must_use]
pub fn users_after(typed: &str, cursor: &str) -> String {
    with_query(&Users, &[("q", typed), ("after", cursor)])
}

/// The settings, which begin with what was `done`.
#[must_use]
pub fn settings_after(done: &str) -> String {
    with_query(&Settings, &[("done", done)])
}

/// The sign-in form that leads to `next`.
#[must_use]
pub fn login(next: &str) -> String {
    with_query(&Login, &[("next", next)])
}

fn with_query(path: &impl fmt::Display, pairs: &[(&str, &str)]) -> String {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(given)
        .finish();
    if query.is_empty() {
        path.to_string()
    } else {
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_so_that_it_reads_back() {
        let username = Username::parse("a+b@c.d-e_f").unwrap();
        assert_eq!(conversation(&username), "/conversations/a+b@c.d-e_f");
    }

    #[test]
    fn what_was_typed_is_escaped() {
        assert_eq!(users_after("ä&b", "x"), "/users?q=%C3%A4%26b&after=x");
        assert_eq!(users_after("", "x"), "/users?after=x");
        assert_eq!(login(""), "/login");
        assert_eq!(login("/users?q=a"), "/login?next=%2Fusers%3Fq%3Da");
    }
}
