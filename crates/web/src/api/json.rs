use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ApiError;
use super::fields::FieldErrors;
use super::object::{BrokenRule, Object};
use crate::requests::{TooSlow, arrived};

/// A request's body: a JSON object with exactly the fields of `T`.
///
/// Another content type is a 415, too long a 413, too slow a 408, not JSON a 400 (half a surrogate pair, which no
/// text can hold, and a field that is there twice, too), and JSON of another shape a 422 that
/// names the field.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let arrived = arrived(Bytes::from_request(request, state)).await;
        match arrived.map_err(|TooSlow| ApiError::TooSlow)? {
            Ok(bytes) => parse(&bytes).map(Self),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(ApiError::TooLarge)
            }
            Err(_) => Err(ApiError::Unreadable("The body did not arrive whole.")),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let Some(given) = given else { return false };
    let essence = given
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // First as any JSON, so that "not JSON" and "not this shape" stay apart.
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|_| ApiError::Unreadable("The body is not valid JSON."))?;
    if !value.is_object() {
        return Err(ApiError::Unreadable("The body must be a JSON object."));
    }
    let object: Object = serde_json::from_slice(bytes)
        .map_err(|_| ApiError::Unreadable("The body names a field twice."))?;
    object
        .read()
        .map_err(|BrokenRule { field, rule }| ApiError::Invalid(FieldErrors::of(&field, rule)))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        body: String,
        seq: Option<i64>,
    }

    async fn extract(content_type: &str, body: impl Into<Body>) -> Result<Example, ApiError> {
        let request = Request::builder().header("content-type", content_type);
        let request = request.body(body.into()).unwrap();
        JsonBody::from_request(request, &())
            .await
            .map(|JsonBody(example)| example)
    }

    #[tokio::test]
    async fn an_object_of_the_right_shape_is_read() {
        for kind in [
            "application/json",
            "Application/JSON ; charset=utf-8",
            "application/x+json",
        ] {
            let example = extract(kind, r#"{"body":"\ud83d\ude00"}"#).await.unwrap();
            assert_eq!(
                example,
                Example {
                    body: "😀".to_owned(),
                    seq: None
                }
            );
        }
    }

    #[tokio::test]
    async fn another_content_type_is_refused() {
        for kind in [
            "",
            "text/plain",
            "application/jsonp",
            "text/json",
            "multipart/form-data",
        ] {
            let refused = extract(kind, r#"{"body":"x"}"#).await;
            assert!(matches!(refused, Err(ApiError::NotJson)), "{kind}");
        }
    }

    #[tokio::test]
    async fn what_is_not_a_json_object_is_unreadable() {
        let nested = "[".repeat(10_000);
        let bad: [&[u8]; 10] = [
            b"",
            b"{",
            br#"{"body":"x"}x"#,
            br#"{"body":"\ud800"}"#,
            br#"{"body":"\udc00\ud800"}"#,
            b"{\"body\":\"\xff\"}",
            br#"["x"]"#,
            br#""x""#,
            b"{\"seq\":1e999}",
            nested.as_bytes(),
        ];
        for body in bad {
            let refused = extract("application/json", body.to_vec()).await;
            let shown = String::from_utf8_lossy(body)
                .chars()
                .take(40)
                .collect::<String>();
            assert!(matches!(refused, Err(ApiError::Unreadable(_))), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_field_that_is_there_twice_is_unreadable() {
        for body in [
            r#"{"body":"x","body":"y"}"#,
            r#"{"body":"x","seq":1,"body":"x"}"#,
            r#"{"body":"x","b\u006fdy":"y"}"#,
        ] {
            let refused = extract("application/json", body).await;
            assert!(
                matches!(refused, Err(ApiError::Unreadable(detail)) if detail.contains("twice")),
                "{body}: {refused:?}"
            );
        }
    }

    #[tokio::test]
    async fn another_shape_is_refused_by_field() {
        for (body, field, rule) in [
            (json!({}), "body", "must be given"),
            (json!({ "body": 1 }), "body", "must be a string"),
            (json!({ "body": null }), "body", "must be a string"),
            (json!({ "body": ["x"] }), "body", "must be a string"),
            (
                json!({ "body": true, "seq": 1 }),
                "body",
                "must be a string",
            ),
            (json!({ "seq": null }), "body", "must be given"),
            (json!({ "body": { "a": 1 } }), "body", "must be a string"),
            (
                json!({ "body": "x", "seq": "1" }),
                "seq",
                "must be a whole number",
            ),
            (
                json!({ "body": "x", "seq": 1.5 }),
                "seq",
                "must be a whole number",
            ),
            (
                json!({ "body": "x", "seq": u64::MAX }),
                "seq",
                "must be a whole number",
            ),
            (
                json!({ "body": "x", "a`, expected b": 1 }),
                "a`, expected b",
                "is not known here",
            ),
        ] {
            let refused = extract("application/json", body.to_string()).await;
            let Err(ApiError::Invalid(errors)) = refused else {
                panic!("{body}: {refused:?}")
            };
            assert_eq!(errors, FieldErrors::of(field, rule), "{body}");
        }
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_too_large() {
        let body = format!(r#"{{"body":"{}"}}"#, "x".repeat(3_000_000));
        assert!(matches!(
            extract("application/json", body).await,
            Err(ApiError::TooLarge)
        ));
    }
}
