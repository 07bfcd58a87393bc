//! How an event stream comes from hyper into our own hands.

use std::future::pending;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::http::Version;
use axum::response::Response;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What the service, the socket and the task of one connection share. Clones are the same.
///
/// The service does not give the answer to hyper but leaves it here, and the task, which finds it
/// here, ends hyper's part in the connection. Only then: a client may ask for a stream without
/// waiting for the answer before it, and hyper would take the rest of that with it.
#[derive(Clone, Default)]
pub(super) struct Handover(Arc<Shared>);

#[derive(Default)]
struct Shared {
    left: Mutex<Option<(Version, Response)>>,
    /// Whether hyper has begun to write something and not told the socket that this was all.
    is_writing: AtomicBool,
}

impl Handover {
    /// Leaves the answer to a request of that version to the task. This is never done: hyper waits
    /// for an answer until it is taken away.
    pub(super) async fn leave(&self, version: Version, answer: Response) -> Response {
        *self.left() = Some((version, answer));
        pending().await
    }

    /// What was left, when hyper has sent all it had. To be asked whenever hyper has been polled.
    pub(super) fn take(&self) -> Option<(Version, Response)> {
        if self.0.is_writing.load(Relaxed) {
            return None;
        }
        self.left().take()
    }

    fn left(&self) -> MutexGuard<'_, Option<(Version, Response)>> {
        self.0.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The socket for hyper.
    pub(super) fn socket(&self, stream: TcpStream) -> Socket {
        Socket {
            stream: TokioIo::new(stream),
            handover: self.clone(),
        }
    }
}

/// A connection's socket as long as hyper has it.
pub(super) struct Socket {
    stream: TokioIo<TcpStream>,
    handover: Handover,
}

impl Socket {
    pub(super) fn into_inner(self) -> TcpStream {
        self.stream.into_inner()
    }

    fn note_writing(&self, is_writing: bool) {
        // The task reads it, which is the one that polls.
        self.handover.0.is_writing.store(is_writing, Relaxed);
    }
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl Write for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.note_writing(true);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.note_writing(true);
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    /// hyper flushes whenever it has written all it had, and not before.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.note_writing(false);
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
