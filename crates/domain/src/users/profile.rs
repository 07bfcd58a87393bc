use std::sync::Arc;

use super::{DisplayName, User, UserRepository};
use crate::{Clock, StoreError};

/// What one says of oneself. What is as it was already is not written.
#[derive(Clone)]
pub struct Profile {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl Profile {
    /// Over the users that exist.
    #[must_use]
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// Takes another name, by which others find the user at once.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails; the name is as it was then.
    pub async fn rename(&self, user: &User, name: &DisplayName) -> Result<(), StoreError> {
        if user.display_name == *name {
            return Ok(());
        }
        self.users.rename(user.id, name).await
    }

    /// Shows others what the user reads, and them what others read, or neither.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails; it is as it was then.
    pub async fn set_read_receipts(&self, user: &User, on: bool) -> Result<(), StoreError> {
        if user.read_receipts == on {
            return Ok(());
        }
        let since = (!on).then(|| self.clock.now());
        self.users.set_receipts_off(user.id, since).await
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::super::MockUserRepository;
    use super::*;
    use crate::testing::{StillClock, at, user};

    fn profile(users: MockUserRepository) -> Profile {
        Profile::new(Arc::new(users), Arc::new(StillClock))
    }

    #[tokio::test]
    async fn a_new_name_is_written_and_the_same_is_not() {
        let (mary, name) = (user("mary"), DisplayName::parse("Mary Brown").unwrap());
        let mut users = MockUserRepository::new();
        users
            .expect_rename()
            .with(eq(mary.id), eq(name.clone()))
            .once()
            .returning(|_, _| Ok(()));
        let profile = profile(users);
        profile.rename(&mary, &name).await.unwrap();
        let same = mary.display_name.clone();
        profile.rename(&mary, &same).await.unwrap();
    }

    #[tokio::test]
    async fn receipts_are_off_since_now_or_on_and_written_only_when_that_is_new() {
        for (was, on, written) in [
            (true, false, Some(Some(at(StillClock::MILLIS)))),
            (false, true, Some(None)),
            (true, true, None),
            (false, false, None),
        ] {
            let mary = User {
                read_receipts: was,
                ..user("mary")
            };
            let mut users = MockUserRepository::new();
            if let Some(since) = written {
                users
                    .expect_set_receipts_off()
                    .with(eq(mary.id), eq(since))
                    .once()
                    .returning(|_, _| Ok(()));
            }
            let profile = profile(users);
            profile.set_read_receipts(&mary, on).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_failing_store_is_said() {
        let away = || Err(StoreError::Unavailable("away".into()));
        let mut users = MockUserRepository::new();
        users.expect_rename().once().returning(move |_, _| away());
        users
            .expect_set_receipts_off()
            .once()
            .returning(move |_, _| away());
        let profile = profile(users);
        let name = DisplayName::parse("Mary Brown").unwrap();
        assert!(profile.rename(&user("mary"), &name).await.is_err());
        let outcome = profile.set_read_receipts(&user("mary"), false).await;
        assert!(outcome.is_err());
    }
}
