use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::users::UserId;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// All open streams of this server: how many each user has, one timer for all of them, and their
/// common end.
#[derive(Clone, Debug)]
pub struct Streams {
    open: Arc<Mutex<HashMap<UserId, u32>>>,
    beats: watch::Receiver<u64>,
    end: CancellationToken,
}

/// A user has as many streams as one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Streams {
    /// The most streams of one user on one server.
    const MOST_OF_A_USER: u32 = 32;
    /// How often every stream shows that it lives.
    const BEAT: Duration = Duration::from_secs(15);

    /// Starts the timer, which ends with [`Streams::end`].
    #[must_use]
    pub fn start() -> Self {
        let (beat, beats) = watch::channel(0);
        let end = CancellationToken::new();
        let ended = end.clone();
        tokio::spawn(async move {
            let mut timer = tokio::time::interval(Self::BEAT);
            // The first tick is at once.
            timer.tick().await;
            while !ended.is_cancelled() {
                tokio::select! {
                    _ = timer.tick() => beat.send_modify(|count| *count += 1),
                    () = ended.cancelled() => {}
                }
            }
        });
        Self {
            open: Arc::default(),
            beats,
            end,
        }
    }

    /// Ends every stream, telling its client to come back: the server stops.
    pub fn end(&self) {
        self.end.cancel();
    }

    pub(super) fn beats(&self) -> watch::Receiver<u64> {
        self.beats.clone()
    }

    pub(super) fn ended(&self) -> CancellationToken {
        self.end.clone()
    }

    /// A place for one more stream of this user.
    pub(crate) fn enter(&self, user: UserId) -> Result<Place, TooMany> {
        let mut open = lock(&self.open);
        let count = open.entry(user).or_default();
        if *count >= Self::MOST_OF_A_USER {
            return Err(TooMany);
        }
        *count += 1;
        Ok(Place {
            user,
            open: Arc::clone(&self.open),
        })
    }
}

/// An open stream's place. Dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Place {
    user: UserId,
    open: Arc<Mutex<HashMap<UserId, u32>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}

/// Every change of the map is made whole, so one after a panic is as good as before it.
fn lock(open: &Mutex<HashMap<UserId, u32>>) -> MutexGuard<'_, HashMap<UserId, u32>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn a_user_has_so_many_places_and_gets_them_back() {
        let streams = Streams::start();
        let mary = UserId(Uuid::from_u128(1));
        let mut places: Vec<_> = (0..Streams::MOST_OF_A_USER)
            .map(|_| streams.enter(mary).unwrap())
            .collect();
        assert_eq!(streams.enter(mary).err(), Some(TooMany));
        assert!(streams.enter(UserId(Uuid::from_u128(2))).is_ok());
        places.pop();
        assert!(streams.enter(mary).is_ok());
        places.clear();
        assert!(lock(&streams.open).is_empty());
        streams.end();
    }
}
