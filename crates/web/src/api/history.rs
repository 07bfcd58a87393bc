use axum::Json;
use axum::extract::State;
use domain::HistoryLimit;
use domain::conversations::{Seq, SeqError};
use domain::messages::HistoryRange;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ApiError;
use super::fields::FieldErrors;
use super::messages::Message;
use super::peer::Peer;
use super::query::{Params, parse_limit};
use crate::App;
use crate::requests::Viewer;

/// A piece of a conversation's history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct History {
    /// With ascending `seq`, without a gap.
    messages: Vec<Message>,
    /// Whether there are messages before these.
    has_older: bool,
    /// Whether there are messages after these.
    has_newer: bool,
}

/// Which piece; without `before` and `after` the newest messages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// The nearest ones before the message of this number. Not together with `after`.
    #[param(value_type = Option<i64>, minimum = 0)]
    before: Option<String>,
    /// The nearest ones after the message of this number; after 0 comes the first. Not together
    /// with `before`.
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

impl Range {
    fn parse(&self) -> Result<(HistoryRange, HistoryLimit), ApiError> {
        let mut errors = FieldErrors::default();
        let limit = errors.check("limit", parse_limit(self.limit.as_deref()));
        let seq = |raw: &String| raw.parse().map_err(|_| SeqError).and_then(Seq::new);
        let before = errors.check("before", self.before.as_ref().map(seq).transpose());
        let after = errors.check("after", self.after.as_ref().map(seq).transpose());
        if self.before.is_some() && self.after.is_some() {
            errors.add("after", "must not be given together with before");
        }
        let range = match (before.flatten(), after.flatten()) {
            (Some(seq), _) => HistoryRange::Before(seq),
            (None, Some(seq)) => HistoryRange::After(seq),
            (None, None) => HistoryRange::Newest,
        };
        errors.unless_any(limit.map(|limit| (range, limit)))
    }
}

/// Read messages
#[utoipa::path(
    get, path = "/api/v1/conversations/{username}/messages", tag = "messages",
    params(("username" = String, Path, description = "With whom.", example = "jamessmith"), Range),
    responses(
        (status = 200, description = "A piece of the history.", body = History),
        (status = 404, description = "The name is unknown, disabled or your own."),
        (status = 422, description = "A parameter is no number in its bounds, or both `before` and `after` are given."),
    ),
)]
pub(super) async fn read_messages(
    State(app): State<App>,
    Viewer(viewer): Viewer,
    Peer(peer): Peer,
    Params(range): Params<Range>,
) -> Result<Json<History>, ApiError> {
    let (range, limit) = range.parse()?;
    let found = app.messages.history(viewer.id, &peer, range, limit).await?;
    let history = found.ok_or(ApiError::NotFound)?;
    let peer = &history.conversation.with;
    let messages = history
        .messages
        .iter()
        .map(|message| Message::of(message, &viewer, peer));
    Ok(Json(History {
        messages: messages.collect(),
        has_older: history.has_older(),
        has_newer: history.has_newer(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(before: Option<&str>, after: Option<&str>) -> Result<HistoryRange, ApiError> {
        let range = Range {
            before: before.map(Into::into),
            after: after.map(Into::into),
            limit: None,
        };
        range.parse().map(|(range, _)| range)
    }

    fn errors<T: std::fmt::Debug>(outcome: Result<T, ApiError>) -> FieldErrors {
        match outcome {
            Err(ApiError::Invalid(errors)) => errors,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_range_is_before_or_after_or_the_newest() {
        let seven = Seq::new(7).unwrap();
        assert_eq!(range(None, None).unwrap(), HistoryRange::Newest);
        assert_eq!(range(Some("7"), None).unwrap(), HistoryRange::Before(seven));
        assert_eq!(range(None, Some("7")).unwrap(), HistoryRange::After(seven));
        let both = FieldErrors::of("after", "must not be given together with before");
        assert_eq!(errors(range(Some("7"), Some("7"))), both);
        for bad in ["", "-1", "x", "1.5", "9223372036854775808"] {
            let rule = "must be a whole number from 0 on";
            assert_eq!(
                errors(range(Some(bad), None)),
                FieldErrors::of("before", rule)
            );
            assert_eq!(
                errors(range(None, Some(bad))),
                FieldErrors::of("after", rule)
            );
        }
    }
}
