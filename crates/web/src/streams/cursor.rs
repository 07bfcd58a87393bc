use axum::http::HeaderMap;
use domain::{Timestamp, TimestampError};

/// From where a stream goes on: what the client last heard, else what its page was made with.
///
/// # Errors
/// [`TimestampError`] when that is none of our ids.
pub(crate) fn cursor(
    headers: &HeaderMap,
    of_page: Option<i64>,
) -> Result<Option<Timestamp>, TimestampError> {
    let heard = headers.get("last-event-id").filter(|id| !id.is_empty());
    let heard = heard.map(|id| {
        id.to_str()
            .ok()
            .and_then(|id| id.parse().ok())
            .ok_or(TimestampError)
    });
    heard
        .transpose()?
        .or(of_page)
        .map(Timestamp::from_unix_millis)
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_counts_more_than_the_page() {
        let of = |id: Option<&str>, page| {
            let mut headers = HeaderMap::new();
            if let Some(id) = id {
                headers.insert("last-event-id", id.parse().unwrap());
            }
            cursor(&headers, page).map(|at| at.map(Timestamp::unix_millis))
        };
        assert_eq!(of(None, None), Ok(None));
        assert_eq!(of(None, Some(5)), Ok(Some(5)));
        assert_eq!(of(Some("7"), Some(5)), Ok(Some(7)));
        assert_eq!(of(Some(""), Some(5)), Ok(Some(5)));
        assert_eq!(of(Some("x"), None), Err(TimestampError));
        assert_eq!(of(None, Some(-1)), Err(TimestampError));
    }
}
