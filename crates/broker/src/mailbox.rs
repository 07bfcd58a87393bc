//! What waits for one subscriber.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use domain::live::{Event, Lagged};

/// A bounded queue with one reader. When it is full, or cut off, it closes: the reader gets what is
/// in it, then [`Lagged`], then the end.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Arc<Event>>,
    reader: Option<Waker>,
    delivery: Delivery,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Delivery {
    /// Events are taken.
    #[default]
    Open,
    /// None is taken any more and the reader has not been told yet.
    CutOff,
    /// The reader knows.
    Ended,
}

/// What became of [`Mailbox::put`].
#[derive(Debug)]
pub(crate) enum Put {
    /// It is in the queue. The waker is for the caller to use, once it holds no lock.
    Queued(Option<Waker>),
    /// There was no room: no event will be taken any more.
    CutOff(Option<Waker>),
}

impl Mailbox {
    /// How many events may wait. A page that is alive reads each within milliseconds; this many
    /// are lost seconds of a busy conversation.
    pub(crate) const CAPACITY: usize = 256;

    /// Puts an event at the end of the queue, or closes the mailbox.
    pub(crate) fn put(&self, event: Arc<Event>) -> Put {
        let mut state = self.lock();
        if state.delivery == Delivery::Open && state.queue.len() < Self::CAPACITY {
            state.queue.push_back(event);
            return Put::Queued(state.reader.take());
        }
        Put::CutOff(state.cut_off())
    }

    /// Closes the mailbox. The waker is for the caller to use, once it holds no lock.
    pub(crate) fn cut_off(&self) -> Option<Waker> {
        self.lock().cut_off()
    }

    /// How many events wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().queue.len()
    }

    /// The next event for the reader, as a stream gives it.
    pub(crate) fn poll_take(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Arc<Event>, Lagged>>> {
        let mut state = self.lock();
        if let Some(event) = state.queue.pop_front() {
            return Poll::Ready(Some(Ok(event)));
        }
        match state.delivery {
            Delivery::Open => {
                state.reader = Some(context.waker().clone());
                Poll::Pending
            }
            Delivery::CutOff => {
                state.delivery = Delivery::Ended;
                Poll::Ready(Some(Err(Lagged)))
            }
            Delivery::Ended => Poll::Ready(None),
        }
    }

    /// Every change of the state is made whole, so one after a panic is as good as before it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn cut_off(&mut self) -> Option<Waker> {
        if self.delivery == Delivery::Open {
            self.delivery = Delivery::CutOff;
        }
        self.reader.take()
    }
}
