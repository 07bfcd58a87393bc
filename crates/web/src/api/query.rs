use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use domain::{Limit, LimitError, ListLimit};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::ApiError;
use super::fields::FieldErrors;
use crate::requests::Cursor;

/// The query of a URL as a struct of optional texts, which the handler parses by field.
/// Parameters that are not known are left alone; one given twice is a 400.
#[derive(Debug)]
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::from_request_parts(parts, state).await;
        query
            .map(|Query(params)| Self(params))
            .map_err(|_| ApiError::Unreadable("The query cannot be read."))
    }
}

/// Which piece of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// How many at most.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the piece before.
    cursor: Option<String>,
}

impl ListParams {
    /// The limit, and where to begin.
    pub(super) fn parse<C: Cursor>(&self) -> Result<(ListLimit, Option<C>), ApiError> {
        let mut errors = FieldErrors::default();
        let limit = errors.check("limit", parse_limit(self.limit.as_deref()));
        let cursor = self.cursor.as_deref().map(C::from_word).transpose();
        let cursor = errors.check("cursor", cursor);
        errors.unless_any(limit.zip(cursor))
    }
}

/// A limit, or its default; what is not a number is not between the bounds either.
pub(super) fn parse_limit<const MAX: u32>(raw: Option<&str>) -> Result<Limit<MAX>, LimitError> {
    match raw {
        Some(raw) => Limit::parse(raw.parse().unwrap_or(0)),
        None => Ok(Limit::default()),
    }
}

#[cfg(test)]
mod tests {
    use domain::conversations::InboxCursor;

    use super::*;

    fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<u32, ApiError> {
        let params = ListParams {
            limit: limit.map(Into::into),
            cursor: cursor.map(Into::into),
        };
        params.parse::<InboxCursor>().map(|(limit, _)| limit.get())
    }

    #[test]
    fn without_a_limit_a_list_has_fifty() {
        assert_eq!(parse(None, None).unwrap(), 50);
        assert_eq!(parse(Some("100"), None).unwrap(), 100);
    }

    #[test]
    fn everything_wrong_with_a_query_is_said_at_once() {
        for limit in ["0", "101", "-1", "x", "", "99999999999"] {
            let Err(ApiError::Invalid(errors)) = parse(Some(limit), Some("?")) else {
                panic!("{limit} passed")
            };
            let mut expected = FieldErrors::of("limit", "must be between 1 and 100");
            expected.add("cursor", "is not a cursor from this list");
            assert_eq!(errors, expected);
        }
    }
}
