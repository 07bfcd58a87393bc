use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::StoreError;
use domain::live::Presence;
use domain::users::UserId;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::figures::{Counted, StreamFigures};

/// All open streams of this server: how many each user has, one timer for all of them, and their
/// common end. The timer has them take turns, so that they do not all look into the store at once.
#[derive(Clone)]
pub struct Streams {
    open: Arc<Open>,
    beats: Arc<[watch::Receiver<u64>]>,
    end: CancellationToken,
}

/// A user has as many streams as one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Streams {
    /// The most streams of one user on one server.
    const MOST_OF_A_USER: u32 = 32;
    /// Every stream shows that it lives once in so many ticks of the timer, 15 seconds.
    const TURNS: usize = 60;
    const TICK: Duration = Duration::from_millis(250);
    /// Who comes back within this time, from one page to another or after a short loss of the
    /// network, was never away.
    const AWAY_AFTER: Duration = Duration::from_secs(5);
    /// How long other nodes have to say that somebody is there.
    const ANSWER_WITHIN: Duration = Duration::from_secs(1);

    /// Starts the timer, which ends with [`Streams::end`].
    #[must_use]
    pub fn start(presence: Presence) -> Self {
        let (turns, beats): (Vec<_>, Vec<_>) = (0..Self::TURNS).map(|_| watch::channel(0)).unzip();
        let end = CancellationToken::new();
        let ended = end.clone();
        tokio::spawn(async move {
            let mut timer = tokio::time::interval(Self::TICK);
            for turn in turns.iter().cycle() {
                tokio::select! {
                    _ = timer.tick() => turn.send_modify(|count| *count += 1),
                    () = ended.cancelled() => return,
                }
            }
        });
        let open = Arc::new(Open {
            counts: Counts::default(),
            counted: Counted::default(),
            presence,
            runtime: Handle::current(),
        });
        let beats = beats.into();
        Self { open, beats, end }
    }

    /// Ends every stream, telling its client to come back: the server stops.
    pub fn end(&self) {
        self.end.cancel();
    }

    /// What streams are doing and have done.
    #[must_use]
    pub fn figures(&self) -> StreamFigures {
        let (users, open) = self.open.counts.users_and_streams();
        let counted = self.counted();
        StreamFigures {
            open,
            users,
            begun: counted.begun.get(),
            caught_up: counted.caught_up.get(),
            replayed: counted.replayed.get(),
            reloads: counted.reloads.get(),
            given_up: counted.given_up.get(),
        }
    }

    pub(super) fn counted(&self) -> &Counted {
        &self.open.counted
    }

    /// The turns of one more stream.
    pub(super) fn beats(&self) -> watch::Receiver<u64> {
        let begun = &self.open.counted.begun;
        // Two that come at once may have the same turn, which is no harm.
        let turn = usize::try_from(begun.get()).unwrap_or_default() % Self::TURNS;
        begun.increment();
        self.beats[turn].clone()
    }

    pub(super) fn ended(&self) -> CancellationToken {
        self.end.clone()
    }

    /// A place for one more stream of this user.
    pub(crate) fn enter(&self, user: UserId) -> Result<Place, TooMany> {
        self.open.counts.enter(user)?;
        let open = Arc::clone(&self.open);
        // Who leaves because the server stops comes back to another node, or to this one.
        let end = self.end.clone();
        Ok(Place { user, open, end })
    }
}

/// Who is here, and who is told when they leave.
struct Open {
    counts: Counts,
    counted: Counted,
    presence: Presence,
    runtime: Handle,
}

impl Open {
    async fn see_off(&self, user: UserId) -> Result<(), StoreError> {
        sleep(Streams::AWAY_AFTER).await;
        if self.counts.has(user) {
            return Ok(());
        }
        let Some(absent) = self.presence.leave(user).await? else {
            return Ok(());
        };
        sleep(Streams::ANSWER_WITHIN).await;
        self.presence.tell_of_absence(&absent).await
    }
}

/// How many streams each user has open: only of those who have one.
#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<UserId, u32>>);

impl Counts {
    fn enter(&self, user: UserId) -> Result<(), TooMany> {
        let mut counts = self.lock();
        let count = counts.entry(user).or_default();
        if *count >= Streams::MOST_OF_A_USER {
            return Err(TooMany);
        }
        *count += 1;
        Ok(())
    }

    /// True when it was the user's last one.
    fn leave(&self, user: UserId) -> bool {
        let mut counts = self.lock();
        let Some(count) = counts.get_mut(&user) else {
            return false;
        };
        *count -= 1;
        let is_last = *count == 0;
        if is_last {
            counts.remove(&user);
        }
        is_last
    }

    fn users_and_streams(&self) -> (usize, usize) {
        let counts = self.lock();
        (counts.len(), counts.values().map(|n| *n as usize).sum())
    }

    fn has(&self, user: UserId) -> bool {
        self.lock().contains_key(&user)
    }

    /// Every change of the map is made whole, so one after a panic is as good as before it.
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open stream's place. Dropping it frees the place.
pub(crate) struct Place {
    user: UserId,
    open: Arc<Open>,
    end: CancellationToken,
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.open.counts.leave(self.user) || self.end.is_cancelled() {
            return;
        }
        let (open, user) = (Arc::clone(&self.open), self.user);
        self.open.runtime.spawn(async move {
            if let Err(error) = open.see_off(user).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    "that somebody left was not told; it shows after a while"
                );
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_user_has_so_many_places_and_gets_them_back() {
        let (counts, mary) = (Counts::default(), UserId(Uuid::from_u128(1)));
        for _ in 0..Streams::MOST_OF_A_USER {
            counts.enter(mary).unwrap();
        }
        assert_eq!(counts.enter(mary), Err(TooMany));
        assert!(counts.enter(UserId(Uuid::from_u128(2))).is_ok());
        assert!(!counts.leave(mary));
        counts.enter(mary).unwrap();
        for left in (0..Streams::MOST_OF_A_USER).rev() {
            assert_eq!(counts.users_and_streams().1, left as usize + 2);
            assert_eq!(counts.leave(mary), left == 0);
        }
        assert!(!counts.has(mary));
        assert_eq!(counts.lock().len(), 1);
    }
}
