use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::sessions::{Credential, Password, SignInError};
use serde::Deserialize;
use url::Url;

use super::PageError;
use crate::requests::{ClientAddress, Form, Looks, NoViewer, SessionCookie, Viewer};
use crate::{App, paths, views};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
}

/// The sign-in form; who is signed in already goes straight on.
pub(super) async fn form(
    _: paths::Login,
    State(app): State<App>,
    viewer: Result<Viewer, NoViewer>,
    looks: Looks,
    Query(asked): Query<Asked>,
) -> Response {
    match viewer {
        Ok(_) => Redirect::to(&own_path(&app.config.public_url, &asked.next)).into_response(),
        Err(_) => views::login::page("", &asked.next, None, &looks).into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct SignIn {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    _: paths::Login,
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    cookie: SessionCookie,
    looks: Looks,
    Form(SignIn {
        username,
        password,
        next,
    }): Form<SignIn>,
) -> Response {
    let password = Password::typed(password);
    let credential = Credential {
        username: username.clone(),
        password,
        address,
    };
    let error = match app.sessions.sign_in(credential, cookie.token()).await {
        Ok(signed_in) => {
            cookie.set(&signed_in.token);
            return Redirect::to(&own_path(&app.config.public_url, &next)).into_response();
        }
        Err(error) => error,
    };
    let again = |text: &str| views::login::page(&username, &next, Some(text), &looks);
    match error {
        SignInError::Refused => {
            let form = again("That name and password do not belong together.");
            (StatusCode::UNAUTHORIZED, form).into_response()
        }
        SignInError::TooMany(after) => {
            let form = again(&format!(
                "Too many attempts. Please wait {} seconds.",
                after.as_secs()
            ));
            PageError::TooMany(after).answer(form)
        }
        SignInError::Store(error) => PageError::from(error).into_response(),
        SignInError::Hash(error) => PageError::Broken(Arc::new(error)).into_response(),
    }
}

pub(super) async fn sign_out(
    _: paths::Logout,
    State(app): State<App>,
    cookie: SessionCookie,
) -> Result<Redirect, PageError> {
    if let Some(token) = cookie.token() {
        app.sessions.sign_out(&token).await?;
    }
    cookie.clear();
    Ok(Redirect::to(&paths::Login.to_string()))
}

/// `next` when it is a path of our own, else the start page: nobody is led to another site.
fn own_path(public_url: &Url, next: &str) -> String {
    let home = paths::Home.to_string();
    let is_page = !next.starts_with(&paths::Logout.to_string()) && !next.starts_with(paths::API);
    let is_path = is_page && next.starts_with('/') && !next.starts_with("//");
    if !is_path || next.contains(|c: char| c == '\\' || c.is_control()) {
        return home;
    }
    match public_url.join(next) {
        // `/..//host` has become `//host`, which is another site.
        Ok(url) if url.origin() == public_url.origin() && !url.path().starts_with("//") => {
            match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            }
        }
        Ok(_) | Err(_) => home,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_only_to_a_path_of_our_own() {
        let public_url = Url::parse("https://chat.example.org/").unwrap();
        for (next, leads_to) in [
            ("/users?q=a", "/users?q=a"),
            ("/conversations/mary", "/conversations/mary"),
            ("", "/"),
            ("/logout", "/"),
            ("/api/v1/session", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("/\t/evil.example", "/"),
            ("/users\r\nset-cookie: a=b", "/"),
            ("/a/../..//evil.example", "/"),
            ("/a/..//evil.example", "/"),
            ("/.//evil.example", "/"),
            ("/%2e//evil.example", "/"),
        ] {
            assert_eq!(own_path(&public_url, next), leads_to, "{next}");
        }
    }
}
