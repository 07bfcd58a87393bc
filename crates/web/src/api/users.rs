use axum::Json;
use axum::extract::State;
use domain::Timestamp;
use domain::users::{self, DirectoryCursor};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::ApiError;
use super::peer::Peer;
use super::query::{ListParams, Params};
use crate::App;
use crate::requests::{Cursor, Viewer};

/// A user, as every other user may see them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct User {
    #[schema(example = "01979a3e-6f55-7c7e-8a4b-0d5c9e1f2a3b")]
    id: Uuid,
    /// The name in URLs and at sign-in, unique without regard to case.
    #[schema(example = "jamessmith", min_length = 1, max_length = 150)]
    username: String,
    /// The name people read.
    #[schema(example = "James Smith", min_length = 1, max_length = 100)]
    display_name: String,
    /// Whether a page or a stream of theirs is open.
    pub(super) online: bool,
    /// When they last did something, to about a minute; null before their first sign-in.
    #[schema(required, format = DateTime, example = "2025-03-10T12:37:45.615Z")]
    pub(super) last_seen_at: Option<String>,
}

impl User {
    pub(super) fn of(user: &users::User, now: Timestamp) -> Self {
        Self {
            id: user.id.0,
            username: user.username.to_string(),
            display_name: user.display_name.to_string(),
            online: user.is_online(now),
            last_seen_at: user.last_seen_at.map(|at| at.to_string()),
        }
    }
}

/// A piece of the people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserList {
    items: Vec<User>,
    /// Give it as `cursor` for the next piece; null at the end.
    #[schema(required)]
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Only those who have a name with a word that begins so.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "smi")]
    q: String,
}

/// Find people
///
/// All others, ordered by display name; with `q` those found, ordered by what matched.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "users",
    params(Search, ListParams),
    responses(
        (status = 200, description = "A piece of the list.", body = UserList),
        (status = 422, description = "`limit` or `cursor` is none."),
    ),
)]
pub(super) async fn list_users(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Params(search): Params<Search>,
    Params(params): Params<ListParams>,
) -> Result<Json<UserList>, ApiError> {
    let (limit, after) = params.parse::<DirectoryCursor>()?;
    let page = app
        .directory
        .others(viewer.id, &search.q, after, limit)
        .await?;
    let now = app.clock.now();
    Ok(Json(UserList {
        items: page.items.iter().map(|user| User::of(user, now)).collect(),
        next_cursor: page.next.as_ref().map(Cursor::to_word),
    }))
}

/// Read one user
#[utoipa::path(
    get, path = "/api/v1/users/{username}", tag = "users",
    params(("username" = String, Path, description = "Whom.", example = "jamessmith")),
    responses(
        (status = 200, description = "The user.", body = User),
        (status = 404, description = "The name is unknown, disabled or your own."),
    ),
)]
pub(super) async fn read_user(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Peer(username): Peer,
) -> Result<Json<User>, ApiError> {
    let user = app
        .directory
        .find_other(viewer.id, &username)
        .await?
        .ok_or(ApiError::NotFound)?;
    Ok(Json(User::of(&user, app.clock.now())))
}
