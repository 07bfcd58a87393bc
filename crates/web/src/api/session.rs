use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::sessions::{Credential, Password};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiError;
use super::json::JsonBody;
use super::users::User;
use crate::App;
use crate::requests::{ClientAddress, SessionCookie, Viewer};

/// A session that is going on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    /// Whose it is.
    user: User,
}

/// What proves who somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// In whatever case.
    #[schema(example = "davidjones")]
    username: String,
    #[schema(example = "correct horse battery staple", format = Password)]
    password: String,
}

/// Sign in
///
/// Begins a session, whose token is the cookie that comes with the answer, and ends the one whose
/// cookie came with the request. An unknown name and a wrong password get the same answer.
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session", security(()), request_body = SignIn,
    responses(
        (status = 201, description = "Signed in.", body = Session, headers(
            ("Set-Cookie" = String, description = "The session, for every further request."),
        )),
        (status = 401, description = "No user has this name and password."),
        (status = 422, description = "A field is missing or is no text."),
        (status = 429, description = "Too many attempts on this account."),
    ),
)]
pub(super) async fn sign_in(
    State(app): State<App>,
    cookie: SessionCookie,
    ClientAddress(address): ClientAddress,
    JsonBody(SignIn { username, password }): JsonBody<SignIn>,
) -> Result<(StatusCode, Json<Session>), ApiError> {
    let credential = Credential {
        username,
        password: Password::typed(password),
        address,
    };
    let signed_in = app.sessions.sign_in(credential, cookie.token()).await?;
    cookie.set(&signed_in.token);
    let user = User::of(&signed_in.user, app.clock.now());
    Ok((StatusCode::CREATED, Json(Session { user })))
}

/// Who am I
#[utoipa::path(
    get, path = "/api/v1/session", tag = "session",
    responses((status = 200, description = "The session of the cookie.", body = Session)),
)]
pub(super) async fn read_session(State(app): State<App>, Viewer(viewer): Viewer) -> Json<Session> {
    Json(Session {
        user: User::of(&viewer, app.clock.now()),
    })
}

/// Sign out
///
/// Ends the session and takes the cookie back. Without a session there is nothing to end: 401.
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "session",
    responses((status = 204, description = "Signed out.")),
)]
pub(super) async fn sign_out(
    State(app): State<App>,
    Viewer(_): Viewer,
    cookie: SessionCookie,
) -> Result<StatusCode, ApiError> {
    if let Some(token) = cookie.token() {
        app.sessions.sign_out(&token).await?;
    }
    cookie.clear();
    Ok(StatusCode::NO_CONTENT)
}
