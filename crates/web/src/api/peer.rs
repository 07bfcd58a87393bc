use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::users::Username;

use super::ApiError;
use crate::paths::Name;

/// The `{username}` of a path. What cannot be a name is nobody's: 404.
#[derive(Debug)]
pub(crate) struct Peer(pub(crate) Username);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<Name>::from_request_parts(parts, state).await;
        path.map(|Path(Name(username))| Self(username))
            .map_err(|_| ApiError::NotFound)
    }
}
