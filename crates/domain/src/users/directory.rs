use std::sync::Arc;

use super::{DirectoryCursor, SearchTerm, User, UserId, UserRepository, Username};
use crate::{ListLimit, Page, StoreError};

/// Who else is there: story 1.
#[derive(Clone)]
pub struct Directory {
    users: Arc<dyn UserRepository>,
}

impl Directory {
    /// Over the users that exist.
    #[must_use]
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// A page of all other users; `typed` narrows it to those whose names have a word that
    /// begins so, when there is something in it.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn others(
        &self,
        viewer: UserId,
        typed: &str,
        after: Option<DirectoryCursor>,
        limit: ListLimit,
    ) -> Result<Page<User, DirectoryCursor>, StoreError> {
        self.users
            .list_others(viewer, SearchTerm::parse(typed), after, limit)
            .await
    }

    /// The *other* user of that name; `None` for a name that is unknown, disabled or the
    /// viewer's own.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn find_other(
        &self,
        viewer: UserId,
        username: &Username,
    ) -> Result<Option<User>, StoreError> {
        let found = self.users.find_by_username(username).await?;
        Ok(found.filter(|user| user.id != viewer))
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::super::MockUserRepository;
    use super::*;
    use crate::testing::{user, username};

    #[tokio::test]
    async fn what_was_typed_is_folded_and_blanks_are_no_search() {
        for (typed, term) in [("  MARY ", SearchTerm::parse("mary")), ("  ", None)] {
            let viewer = user("david").id;
            let mut users = MockUserRepository::new();
            users
                .expect_list_others()
                .with(eq(viewer), eq(term), eq(None), eq(ListLimit::default()))
                .once()
                .returning(|_, _, _, _| {
                    Ok(Page {
                        items: vec![user("mary")],
                        next: None,
                    })
                });
            let directory = Directory::new(Arc::new(users));
            let page = directory
                .others(viewer, typed, None, ListLimit::default())
                .await
                .unwrap();
            assert_eq!(page.items, [user("mary")]);
        }
    }

    #[tokio::test]
    async fn nobody_finds_themselves() {
        let mut users = MockUserRepository::new();
        users
            .expect_find_by_username()
            .with(eq(username("mary")))
            .times(2)
            .returning(|_| Ok(Some(user("mary"))));
        let directory = Directory::new(Arc::new(users));
        let name = username("mary");
        let by_david = directory.find_other(user("david").id, &name).await.unwrap();
        let by_mary = directory.find_other(user("mary").id, &name).await.unwrap();
        assert_eq!((by_david, by_mary), (Some(user("mary")), None));
    }
}
