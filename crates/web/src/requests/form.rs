use axum::extract::rejection::RawFormRejection;
use axum::extract::{FromRequest, RawForm, Request};
use axum::http::StatusCode;
use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;

use super::{TooSlow, arrived};
use crate::pages::PageError;

/// The fields of a form that a page sent.
///
/// Another content type is a 415, too long a 413, too slow a 408, bytes that are no UTF-8 a 400 (axum's own would
/// put U+FFFD in their place, and a message would be stored that nobody wrote), and fields of another
/// shape a 422.
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let refused = |rejection: RawFormRejection| PageError::Status(rejection.status());
        let RawForm(bytes) = arrived(RawForm::from_request(request, state))
            .await
            .map_err(|TooSlow| PageError::Status(StatusCode::REQUEST_TIMEOUT))?
            .map_err(refused)?;
        // What parts the fields is ASCII, so the whole is UTF-8 when each of them is.
        if percent_decode(&bytes).decode_utf8().is_err() {
            return Err(PageError::Status(StatusCode::BAD_REQUEST));
        }
        serde_urlencoded::from_bytes(&bytes)
            .map(Self)
            .map_err(|_| PageError::Status(StatusCode::UNPROCESSABLE_ENTITY))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Example {
        body: String,
        #[serde(default)]
        seq: i64,
    }

    async fn read(kind: &str, body: impl Into<Body>) -> Result<(String, i64), u16> {
        let request = Request::post("/").header("content-type", kind);
        let request = request.body(body.into()).unwrap();
        match Form::<Example>::from_request(request, &()).await {
            Ok(Form(example)) => Ok((example.body, example.seq)),
            Err(PageError::Status(status)) => Err(status.as_u16()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn every_text_of_unicode_is_read_as_it_was_typed() {
        let kind = "application/x-www-form-urlencoded";
        for (raw, text) in [
            ("body=a+b%26c&seq=7", "a b&c"),
            ("seq=7&body=%F0%9F%98%80\u{e9}", "😀é"),
            ("body=%EF%BF%BD&seq=7", "\u{fffd}"),
            ("body=100%&seq=7", "100%"),
        ] {
            assert_eq!(read(kind, raw).await, Ok((text.to_owned(), 7)), "{raw}");
        }
    }

    #[tokio::test]
    async fn what_is_no_text_is_refused_wherever_it_stands() {
        let kind = "application/x-www-form-urlencoded";
        for raw in [
            "body=%FF",
            "body=x&seq=7&other=%C3%28",
            "body=x&%E2%82=1",
            "body=%ED%A0%80",
            "body=%C0%AF",
            "body=%C3&x=%A9",
        ] {
            assert_eq!(read(kind, raw).await, Err(400), "{raw}");
        }
        assert_eq!(read(kind, b"body=\xff".to_vec()).await, Err(400));
    }

    #[tokio::test]
    async fn another_kind_size_or_shape_is_refused() {
        let kind = "application/x-www-form-urlencoded";
        assert_eq!(read("text/plain", "body=x").await, Err(415));
        assert_eq!(read(kind, "x".repeat(3_000_000)).await, Err(413));
        for raw in ["", "body=x&seq=many", "body=x&body=y"] {
            assert_eq!(read(kind, raw).await, Err(422), "{raw}");
        }
    }
}
