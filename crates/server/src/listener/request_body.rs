//! A request's body that is heard to its end, though its handler did not want it.
//!
//! A connection that is closed while bytes of the client's wait unread is reset, and then the client
//! may lose the answer that was on its way: a message that is refused for its size would look
//! like a broken network. So what a handler left is read, and thrown away, before its answer goes out.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// The most bytes that are thrown away. A client that says it sends more is not listened to.
const MOST: u64 = 2 * 1024 * 1024;
/// How long a client may take for them.
const PATIENCE: Duration = Duration::from_secs(2);

/// The body as a handler gets it.
pub(super) struct RequestBody {
    /// There until it is dropped.
    incoming: Option<Incoming>,
    left: Option<oneshot::Sender<Incoming>>,
}

/// What may be left of it.
pub(super) struct Unread(Option<oneshot::Receiver<Incoming>>);

/// The body for the handler, and what may be left of it afterwards.
pub(super) fn request_body(incoming: Incoming) -> (RequestBody, Unread) {
    let is_worth_hearing = !incoming.is_end_stream() && incoming.size_hint().lower() <= MOST;
    let (left, unread) = if is_worth_hearing {
        let (left, unread) = oneshot::channel();
        (Some(left), Some(unread))
    } else {
        (None, None)
    };
    let incoming = Some(incoming);
    (RequestBody { incoming, left }, Unread(unread))
}

impl Unread {
    /// Reads what the handler left, when it has dropped its part.
    pub(super) async fn hear_out(self) {
        let left = self.0.and_then(|mut unread| unread.try_recv().ok());
        let Some(mut incoming) = left else {
            return;
        };
        let mut heard = 0;
        let hear = async {
            while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
                heard += frame.data_ref().map_or(0, Bytes::len) as u64;
                if heard > MOST {
                    break;
                }
            }
        };
        if timeout(PATIENCE, hear).await.is_err() {
            tracing::debug!(
                heard,
                "a client was slow to finish a request that was answered"
            );
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.incoming {
            Some(incoming) => Pin::new(incoming).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let rest = self.incoming.take().filter(|rest| !rest.is_end_stream());
        if let (Some(rest), Some(left)) = (rest, self.left.take()) {
            // When nobody waits for it, the connection is gone.
            let _gone = left.send(rest);
        }
    }
}
