use std::convert::Infallible;
use std::fmt::Write as _;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use futures_util::{Stream, StreamExt as _};

/// One event of a `text/event-stream` (WHATWG HTML, server-sent events).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// From where to go on after it.
    pub(crate) id: Timestamp,
    /// Its name; without one it is a `message`.
    pub(crate) event: Option<&'static str>,
    /// Its text.
    pub(crate) data: String,
}

impl Frame {
    fn write(&self) -> Bytes {
        let mut text = String::with_capacity(self.data.len() + 64);
        if let Some(event) = self.event {
            text.push_str("event: ");
            text.push_str(event);
            text.push('\n');
        }
        // Writing into a string cannot fail.
        let _ = writeln!(text, "id: {}", self.id.unix_millis());
        // CR ends a line of a stream too; no text we send has one, and none may break a frame.
        for line in self.data.split(['\n', '\r']) {
            text.push_str("data: ");
            text.push_str(line);
            text.push('\n');
        }
        text.push('\n');
        Bytes::from(text)
    }
}

/// The answer that tells these frames until there are no more.
pub(crate) fn body(frames: impl Stream<Item = Frame> + Send + 'static) -> Response {
    let bytes = frames.map(|frame| Ok::<_, Infallible>(frame.write()));
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        // nginx would hold frames back otherwise.
        (
            axum::http::HeaderName::from_static("x-accel-buffering"),
            "no",
        ),
    ];
    (headers, Body::from_stream(bytes)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_written_line_by_line_and_cannot_be_broken_out_of() {
        let id = Timestamp::from_unix_millis(7).unwrap();
        let frame = |event, data: &str| {
            Frame {
                id,
                event,
                data: data.to_owned(),
            }
            .write()
        };
        assert_eq!(frame(None, "a\nb"), "id: 7\ndata: a\ndata: b\n\n");
        assert_eq!(frame(Some("ping"), ""), "event: ping\nid: 7\ndata: \n\n");
        assert_eq!(
            frame(None, "a\r\revent: x"),
            "id: 7\ndata: a\ndata: \ndata: event: x\n\n"
        );
    }
}
