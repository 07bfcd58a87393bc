//! An event stream, told by a small task of its own.
//!
//! hyper keeps two buffers of 8 KiB for each connection, and a stream that says a few words a
//! minute would hold them for hours. It never comes back to being a connection that is asked
//! something else either. So its socket is taken from hyper when its answer begins.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, TRANSFER_ENCODING};
use axum::http::{HeaderValue, Version, response};
use axum::response::Response;
use domain::{Clock as _, SystemClock};
use hyper::body::Body as _;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

/// The most bytes that a client may send besides before it is let go of.
const MOST_THROWN_AWAY: usize = 64 * 1024;
/// The end of a body in chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// An answer that goes on until its client leaves or the server has no more to tell.
pub(super) struct EventStream {
    socket: TcpStream,
    head: Vec<u8>,
    frames: Frames,
}

/// Whether this answer is one, and not the whole text of one or its mere head.
pub(super) fn is_event_stream(answer: &Response) -> bool {
    let content_type = answer.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|kind| kind.as_bytes() == b"text/event-stream")
        && answer.body().size_hint().exact().is_none()
}

impl EventStream {
    /// The answer to a request of that version, which nothing was sent of yet.
    pub(super) fn new(socket: TcpStream, version: Version, answer: Response) -> Self {
        let (head, body) = answer.into_parts();
        // A client of HTTP/1.0 knows no chunks. It takes the end of the connection for the end.
        let is_chunked = version != Version::HTTP_10;
        Self {
            socket,
            head: written(head, is_chunked),
            frames: Frames { body, is_chunked },
        }
    }

    /// Tells it to its end, or until the client is gone. What the client may still send is thrown
    /// away: it was told that nothing else is answered here.
    pub(super) async fn tell(mut self) {
        let (mut from, mut to) = self.socket.split();
        tokio::select! {
            biased;
            told = tell(self.head, self.frames, &mut to) => if let Err(error) = told {
                tracing::debug!(%error, "an event stream broke");
            },
            () = gone(&mut from) => {}
        }
    }
}

/// The status line and the headers.
fn written(mut head: response::Parts, is_chunked: bool) -> Vec<u8> {
    let headers = &mut head.headers;
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.remove(CONTENT_LENGTH);
    if is_chunked {
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    if let Ok(now) = HeaderValue::try_from(httpdate::fmt_http_date(now())) {
        headers.entry(DATE).or_insert(now);
    }

    let version = if is_chunked { "HTTP/1.1" } else { "HTTP/1.0" };
    let reason = head.status.canonical_reason().unwrap_or_default();
    let line = format!("{version} {} {reason}\r\n", head.status.as_u16());
    let mut written = line.into_bytes();
    for (name, value) in headers.iter() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            written.extend_from_slice(part);
        }
    }
    written.extend_from_slice(b"\r\n");
    written
}

fn now() -> SystemTime {
    let millis = u64::try_from(SystemClock.now().unix_millis()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_millis(millis)
}

/// What is told, and how it is put on the wire.
struct Frames {
    body: Body,
    is_chunked: bool,
}

impl Frames {
    /// The next bytes; `None` when no more is told.
    async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let frame = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx)).await;
            let Some(frame) = frame.transpose().map_err(io::Error::other)? else {
                return Ok(None);
            };
            // An empty chunk would be the last one.
            if let Ok(bytes) = frame.into_data()
                && !bytes.is_empty()
            {
                return Ok(Some(self.on_the_wire(&bytes)));
            }
        }
    }

    fn on_the_wire(&self, bytes: &[u8]) -> Vec<u8> {
        if self.is_chunked {
            let size = format!("{:x}\r\n", bytes.len());
            [size.as_bytes(), bytes, b"\r\n"].concat()
        } else {
            bytes.to_vec()
        }
    }
}

async fn tell(head: Vec<u8>, mut frames: Frames, to: &mut WriteHalf<'_>) -> io::Result<()> {
    to.write_all(&head).await?;
    drop(head);
    while let Some(bytes) = frames.next().await? {
        to.write_all(&bytes).await?;
    }
    if frames.is_chunked {
        to.write_all(LAST_CHUNK).await?;
    }
    to.shutdown().await
}

/// Done when the client has hung up, or sends so much that it cannot be meant for us.
async fn gone(from: &mut ReadHalf<'_>) {
    let mut left = MOST_THROWN_AWAY;
    poll_fn(|cx| {
        loop {
            // It lies on the stack: nothing is kept of what is read.
            let mut scrap = [0; 1024];
            let mut scrap = ReadBuf::new(&mut scrap);
            let read = ready!(Pin::new(&mut *from).poll_read(cx, &mut scrap));
            left = left.saturating_sub(scrap.filled().len());
            if read.is_err() || scrap.filled().is_empty() || left == 0 {
                return Poll::Ready(());
            }
        }
    })
    .await;
}

#[cfg(test)]
#[path = "event_stream_tests.rs"]
mod tests;
