use std::convert::Infallible;
use std::sync::Arc;

use axum::RequestPartsExt as _;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::sessions::{NewPassword, Password, PasswordChange, SessionId, SignInError};
use domain::users::DisplayName;
use serde::Deserialize;
use tower_cookies::Cookies;
use uuid::Uuid;

use super::{PageError, Pane, View};
use crate::requests::{
    ActiveSession, Client, ClientAddress, Form, Looks, NoViewer, Reader, Theme, Viewer,
};
use crate::views::settings::{Done, Field, Settings, Wrong};
use crate::{App, paths, views};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
}

/// One's own settings.
pub(super) async fn show(
    _: paths::Settings,
    desk: Desk,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    desk.show(Done::of_word(&asked.done), None).await
}

#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    display_name: String,
}

/// Takes another display name.
pub(super) async fn rename(
    _: paths::SettingsName,
    desk: Desk,
    Form(Named { display_name }): Form<Named>,
) -> Result<Response, PageError> {
    match DisplayName::parse(&display_name) {
        Ok(name) => {
            let viewer = &desk.session.authenticated.user;
            desk.app.profile.rename(viewer, &name).await?;
            Ok(done(Done::Name))
        }
        Err(error) => {
            let why = format!("A name {error}.");
            desk.refuse(Field::Name, &display_name, &why).await
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Passwords {
    #[serde(default)]
    old_password: String,
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    new_password_again: String,
}

impl Passwords {
    fn parse(&self) -> Result<NewPassword, (Field, String)> {
        let new = NewPassword::parse(&self.new_password)
            .map_err(|error| (Field::NewPassword, format!("A password {error}.")))?;
        if self.new_password_again != self.new_password {
            let why = "This is not the same as the new password above.".to_owned();
            return Err((Field::NewPasswordAgain, why));
        }
        Ok(new)
    }
}

/// Sets a new password, which ends all other sessions.
pub(super) async fn change_password(
    _: paths::SettingsPassword,
    desk: Desk,
    ClientAddress(address): ClientAddress,
    Form(typed): Form<Passwords>,
) -> Result<Response, PageError> {
    let new = match typed.parse() {
        Ok(new) => new,
        Err((field, why)) => return desk.refuse(field, "", &why).await,
    };
    let old = Password::typed(typed.old_password);
    let change = PasswordChange { old, new, address };
    let this = &desk.session.authenticated;
    match desk.app.sessions.change_password(this, change).await {
        Ok(()) => Ok(done(Done::Password)),
        Err(SignInError::Refused) => {
            let why = "This is not your password so far.";
            desk.refuse(Field::OldPassword, "", why).await
        }
        Err(SignInError::TooMany(after)) => {
            let seconds = after.as_secs();
            let why = format!("Too many attempts. Please wait {seconds} seconds.");
            let error = PageError::TooMany(after);
            desk.answer(&error, Field::OldPassword, "", &why).await
        }
        Err(SignInError::Store(error)) => Err(error.into()),
        Err(SignInError::Hash(error)) => Err(PageError::Broken(Arc::new(error))),
    }
}

#[derive(Deserialize)]
pub(super) struct ReadReceipts {
    read_receipts: Switch,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Switch {
    On,
    Off,
}

/// Turns read receipts on or off.
pub(super) async fn set_receipts(
    _: paths::SettingsReceipts,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Form(ReadReceipts { read_receipts }): Form<ReadReceipts>,
) -> Result<Response, PageError> {
    let on = read_receipts == Switch::On;
    app.profile.set_read_receipts(&viewer, on).await?;
    Ok(done(Done::Receipts))
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    theme: String,
}

/// Keeps light or dark in the browser.
pub(super) async fn set_theme(
    _: paths::SettingsTheme,
    State(app): State<App>,
    Viewer(_): Viewer,
    cookies: Cookies,
    Form(Chosen { theme }): Form<Chosen>,
) -> Result<Response, PageError> {
    let unprocessable = PageError::Status(StatusCode::UNPROCESSABLE_ENTITY);
    let theme = Theme::parse(&theme).ok_or(unprocessable)?;
    theme.keep(&cookies, &app.config);
    Ok(done(Done::Theme))
}

#[derive(Deserialize)]
pub(super) struct Which {
    session: Uuid,
}

/// Ends one session of one's own. What is somebody else's is not there.
pub(super) async fn end_session(
    _: paths::SettingsEndSession,
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Form(Which { session }): Form<Which>,
) -> Result<Response, PageError> {
    let ended = app.sessions.end_one(viewer.id, SessionId(session)).await?;
    ended
        .map(|()| done(Done::Session))
        .ok_or(PageError::NotFound)
}

/// Ends all sessions but the one that asks.
pub(super) async fn end_others(
    _: paths::SettingsEndOthers,
    State(app): State<App>,
    session: ActiveSession,
) -> Result<Response, PageError> {
    app.sessions.end_others(&session.authenticated).await?;
    Ok(done(Done::OtherSessions))
}

/// Back to the settings, which say what was done.
fn done(what: Done) -> Response {
    Redirect::to(&paths::settings_after(what.word())).into_response()
}

/// Who sits at their settings, and with what.
pub(super) struct Desk {
    app: App,
    session: ActiveSession,
    looks: Looks,
    client: Client,
}

impl FromRequestParts<App> for Desk {
    type Rejection = NoViewer;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NoViewer> {
        let session = ActiveSession::from_request_parts(parts, app).await?;
        let (looks, client) = (parts.extract().await, parts.extract().await);
        Ok(Self {
            app: app.clone(),
            session,
            looks: looks.unwrap_or_else(|never: Infallible| match never {}),
            client: client.unwrap_or_else(|never: Infallible| match never {}),
        })
    }
}

impl Desk {
    async fn show(
        &self,
        done: Option<Done>,
        wrong: Option<&Wrong<'_>>,
    ) -> Result<Response, PageError> {
        let this = &self.session.authenticated;
        let reader = Reader {
            user: this.user.clone(),
            looks: self.looks.clone(),
            now: self.app.clock.now(),
        };
        let sessions = self.app.sessions.list(this.user.id).await?;
        let settings = Settings {
            sessions: &sessions,
            this: this.session,
            reader: &reader,
        };
        let pane = Pane {
            title: "Settings".to_owned(),
            view: View::Settings,
            current: None,
            inbox_from: None,
            typed: String::new(),
            content: views::settings::pane(&settings, done, wrong),
        };
        pane.show(&self.app, &reader, self.client).await
    }

    /// The settings again, with the reason at its field.
    async fn refuse(&self, field: Field, typed: &str, why: &str) -> Result<Response, PageError> {
        let error = PageError::Status(StatusCode::UNPROCESSABLE_ENTITY);
        self.answer(&error, field, typed, why).await
    }

    async fn answer(
        &self,
        error: &PageError,
        field: Field,
        typed: &str,
        why: &str,
    ) -> Result<Response, PageError> {
        let wrong = Wrong { field, typed, why };
        Ok(error.answer(self.show(None, Some(&wrong)).await?))
    }
}
