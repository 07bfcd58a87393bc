use std::sync::Arc;
use std::time::Duration;

use super::{
    Ended, PasswordHasher, Session, SessionId, SessionRepository, SessionToken, SignInTally,
};
use crate::live::{Broker, Event};
use crate::users::{User, UserId, UserRepository};
use crate::{Clock, Ids, ListLimit, SignInLimit, StoreError, Timestamp};

/// Signing in, staying signed in, signing out.
#[derive(Clone)]
pub struct Sessions {
    pub(super) users: Arc<dyn UserRepository>,
    pub(super) repository: Arc<dyn SessionRepository>,
    pub(super) hasher: Arc<dyn PasswordHasher>,
    pub(super) limit: Arc<dyn SignInLimit>,
    pub(super) broker: Arc<dyn Broker>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) tally: Arc<SignInTally>,
}

/// A request that belongs to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub user: User,
    /// Whether [`Sessions::touch`] should be called; it can be done after the answer.
    pub touch_due: bool,
}

/// Of which ends of all sessions of a user everybody was told; at first, of none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllEnded(Vec<(UserId, Timestamp)>);

impl Sessions {
    /// How long [`Sessions::tell_of_ended`] looks back: longer than a statement takes (10 s), and
    /// than clocks of machines in one cluster differ.
    const TOLD_FOR: Duration = Duration::from_mins(1);

    /// Over the users and sessions that exist.
    #[must_use]
    pub fn new(
        users: Arc<dyn UserRepository>,
        repository: Arc<dyn SessionRepository>,
        hasher: Arc<dyn PasswordHasher>,
        limit: Arc<dyn SignInLimit>,
        broker: Arc<dyn Broker>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            users,
            repository,
            hasher,
            limit,
            broker,
            clock,
            ids,
            tally: Arc::default(),
        }
    }

    /// How attempts to sign in have ended.
    #[must_use]
    pub fn tally(&self) -> &SignInTally {
        &self.tally
    }

    /// Who holds this token; `None` when the session was ended or is too old, or its user is
    /// disabled.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn authenticate(
        &self,
        token: &SessionToken,
    ) -> Result<Option<Authenticated>, StoreError> {
        let now = self.clock.now();
        let found = self.repository.find(token).await?;
        Ok(found
            .filter(|(session, _)| session.is_live(now))
            .map(|(session, user)| Authenticated {
                session: session.id,
                user,
                touch_due: session.is_touch_due(now),
            }))
    }

    /// Writes down that the session was used and its user seen.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn touch(&self, authenticated: &Authenticated) -> Result<(), StoreError> {
        let Authenticated { session, user, .. } = authenticated;
        self.repository
            .touch(*session, user.id, self.clock.now())
            .await
    }

    /// Ends the session of this token, and whatever acts for it at the moment.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails: the session may go on.
    pub async fn sign_out(&self, token: &SessionToken) -> Result<(), StoreError> {
        let ended = self.repository.end(token).await?;
        self.tell_of(ended).await;
        Ok(())
    }

    pub(super) async fn tell_of(&self, ended: Option<Ended>) {
        if let Some(Ended { session, user }) = ended {
            self.broker
                .publish(Event::SignedOut { user, session })
                .await;
        }
    }

    /// The live sessions of the user, those begun last first, as many as are on a page of a list.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn list(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let now = self.clock.now();
        let mut found = self.repository.list_of(user, ListLimit::default()).await?;
        found.retain(|session| session.is_live(now));
        Ok(found)
    }

    /// Ends this session of the user, and whatever acts for it at the moment. `None` when it is
    /// none of theirs or has ended.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails: the session may go on.
    pub async fn end_one(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Option<()>, StoreError> {
        if !self.repository.end_one(user, session).await? {
            return Ok(None);
        }
        self.tell_of(Some(Ended { session, user })).await;
        Ok(Some(()))
    }

    /// Ends all other sessions of the user of this one, and whatever acts for them at the moment.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails: they may go on.
    pub async fn end_others(&self, this: &Authenticated) -> Result<(), StoreError> {
        let user = this.user.id;
        if self.repository.end_others(user, this.session).await? > 0 {
            self.tell_to_look(user).await;
        }
        Ok(())
    }

    pub(super) async fn tell_to_look(&self, user: UserId) {
        self.broker
            .publish(Event::SignedOutEverywhere { user })
            .await;
    }

    /// Has everybody look again whether their session lives, whose sessions were all ended at once
    /// in the last minute, by whatever process; but for those in `told`. Called again and again
    /// with what it returned, it tells of each such end once.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails; nobody was told then.
    pub async fn tell_of_ended(&self, told: &AllEnded) -> Result<AllEnded, StoreError> {
        let since = self.clock.now().before(Self::TOLD_FOR);
        let ended = self.repository.list_ended(since).await?;
        for end in ended.iter().filter(|end| !told.0.contains(end)) {
            self.tell_to_look(end.0).await;
        }
        Ok(AllEnded(ended))
    }

    /// Removes what can no longer be used, and says how many sessions that were.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub async fn purge(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        self.repository
            .purge(now.before(Session::ABSOLUTE), now.before(Session::IDLE))
            .await
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
