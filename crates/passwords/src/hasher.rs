use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use domain::sessions::{HashError, Password, PasswordHash, PasswordHasher, Verdict};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::argon2id;
use crate::check::Check;

/// Hashes and verifies on blocking threads, a bounded number at a time; the others wait their
/// turn, in order.
///
/// One core less than the machine has is used, and at least one: a storm of sign-ins then leaves
/// a core to every other request, and takes no more than 19 MiB a core.
#[derive(Clone, Debug)]
pub struct Argon2Hasher {
    turns: Arc<Semaphore>,
}

impl Argon2Hasher {
    /// For this machine.
    #[must_use]
    pub fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
        }
    }

    /// Does slow work off the async threads when it is its turn. Who stops waiting gives the turn
    /// back; work that has begun keeps it to its end, so that abandoned requests cannot pile up.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|closed| HashError(closed.into()))?;
        spawn_blocking(move || {
            let outcome = work();
            drop(turn);
            outcome
        })
        .await
        .map_err(|panicked| HashError(panicked.into()))?
    }
}

impl Default for Argon2Hasher {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.in_turn(move || argon2id::hash(password.expose()))
            .await
    }

    async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<Verdict, HashError> {
        self.in_turn(move || Check::of(password.expose(), hash.as_ref()).run(password.expose()))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(raw: &str) -> Password {
        Password::typed(raw.to_owned())
    }

    #[tokio::test]
    async fn a_hash_verifies_its_own_password_only_and_has_a_salt_of_its_own() {
        let hasher = Argon2Hasher::new();
        let hash = hasher.hash(typed("grün wie")).await.unwrap();
        let other = hasher.hash(typed("grün wie")).await.unwrap();
        assert_ne!(hash, other);
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

        let verdict = hasher.verify(typed("grün wie"), Some(hash.clone())).await;
        assert_eq!(verdict.unwrap(), Verdict::Match);
        let verdict = hasher.verify(typed("grün wie "), Some(hash)).await;
        assert_eq!(verdict.unwrap(), Verdict::Mismatch);
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let hasher = Argon2Hasher::new();
        for guess in ["", "password"] {
            let verdict = hasher.verify(typed(guess), None).await;
            assert_eq!(verdict.unwrap(), Verdict::Mismatch);
        }
    }

    #[tokio::test]
    async fn many_at_once_wait_and_none_fails() {
        let hasher = Argon2Hasher {
            turns: Arc::new(Semaphore::new(1)),
        };
        let waiting: Vec<_> = (0..6)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.hash(typed("correct horse")).await })
            })
            .collect();
        for hash in waiting {
            hash.await.unwrap().unwrap();
        }
        assert_eq!(hasher.turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_turn_is_kept_until_abandoned_work_has_ended() {
        let hasher = Argon2Hasher {
            turns: Arc::new(Semaphore::new(1)),
        };
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let (began, has_begun) = tokio::sync::oneshot::channel();
        let working = {
            let hasher = hasher.clone();
            tokio::spawn(async move {
                let work = move || {
                    began.send(()).unwrap();
                    blocked.recv().unwrap();
                    Ok(())
                };
                hasher.in_turn(work).await
            })
        };
        has_begun.await.unwrap();
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        assert_eq!(hasher.turns.available_permits(), 0);
        release.send(()).unwrap();
        drop(hasher.turns.acquire().await.unwrap());
    }
}
