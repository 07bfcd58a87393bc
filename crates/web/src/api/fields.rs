use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

use super::ApiError;

/// What is wrong with a request, by the name of the field, query parameter or header.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct FieldErrors(BTreeMap<String, Vec<String>>);

impl FieldErrors {
    /// One thing wrong with one field.
    pub(super) fn of(field: &str, error: impl Display) -> Self {
        let mut errors = Self::default();
        errors.add(field, error);
        errors
    }

    /// One thing more.
    pub(super) fn add(&mut self, field: &str, error: impl Display) {
        self.0
            .entry(field.to_owned())
            .or_default()
            .push(error.to_string());
    }

    /// The value, or `None` and its error noted down.
    pub(super) fn check<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.add(field, error)).ok()
    }

    /// What was parsed, provided that nothing is wrong anywhere.
    pub(super) fn unless_any<T>(self, parsed: Option<T>) -> Result<T, ApiError> {
        match parsed {
            Some(parsed) if self.0.is_empty() => Ok(parsed),
            Some(_) | None => Err(ApiError::Invalid(self)),
        }
    }
}
