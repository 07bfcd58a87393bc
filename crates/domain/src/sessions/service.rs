use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Begun, Ended, HashError, NewSession, Password, PasswordHasher, Session, SessionId,
    SessionRepository, SessionToken, Verdict,
};
use crate::live::{Broker, Event};
use crate::users::{Credentials, User, UserId, UserRepository, Username};
use crate::{Clock, Ids, RetryAfter, SignInLimit, StoreError, Timestamp};

/// Signing in, staying signed in, signing out.
#[derive(Clone)]
pub struct Sessions {
    users: Arc<dyn UserRepository>,
    repository: Arc<dyn SessionRepository>,
    hasher: Arc<dyn PasswordHasher>,
    limit: Arc<dyn SignInLimit>,
    broker: Arc<dyn Broker>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// An attempt to sign in.
#[derive(Debug)]
pub struct Credential {
    /// As typed; it need not be a valid name.
    pub username: String,
    /// As typed.
    pub password: Password,
    /// Where the attempt comes from.
    pub address: IpAddr,
}

/// Somebody signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// For their client to keep.
    pub token: SessionToken,
    /// Who it is.
    pub user: User,
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

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Wrong name or password, or a disabled user: which one is not said.
    #[error("no enabled user has this name and password")]
    Refused,
    /// Too many attempts.
    #[error("too many attempts to sign in")]
    TooMany(RetryAfter),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// How often a password is checked in one attempt. The hash may be replaced meanwhile: by a
    /// newer one of the same password, when another sign-in upgrades it, or by one of a new
    /// password. A second look tells the two apart.
    const MOST_PROOFS: usize = 2;
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
        }
    }

    /// Begins a session with a new token and ends the one the client held before.
    ///
    /// An unknown name, a disabled user and a wrong password give the same answer in the same
    /// time. A hash of an older kind is replaced once the password has proved right. Nobody is
    /// signed in with a password that was replaced before the session begins, however long the
    /// check took.
    ///
    /// # Errors
    /// [`SignInError`] when nobody was signed in.
    pub async fn sign_in(
        &self,
        credential: Credential,
        held: Option<SessionToken>,
    ) -> Result<SignedIn, SignInError> {
        let Credential {
            username,
            password,
            address,
        } = credential;
        self.limit
            .check(&username, address)
            .map_err(SignInError::TooMany)?;

        for _ in 0..Self::MOST_PROOFS {
            let proved = self.prove(&username, &password).await?;
            if let Some(signed_in) = self.begin(proved, held.clone()).await? {
                return Ok(signed_in);
            }
        }
        Err(SignInError::Refused)
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

    async fn tell_of(&self, ended: Option<Ended>) {
        if let Some(Ended { session, user }) = ended {
            self.broker
                .publish(Event::SignedOut { user, session })
                .await;
        }
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
            let user = end.0;
            self.broker
                .publish(Event::SignedOutEverywhere { user })
                .await;
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

    /// The user of this name and password, with a hash of today's kind that shows it.
    async fn prove(&self, username: &str, password: &Password) -> Result<Credentials, SignInError> {
        let found = match Username::parse(username) {
            Ok(username) => self.users.find_credentials(&username).await?,
            Err(_) => None,
        };
        let hash = found
            .as_ref()
            .map(|credentials| credentials.password_hash.clone());
        match (found, self.hasher.verify(password.clone(), hash).await?) {
            (Some(credentials), Verdict::Match) => Ok(credentials),
            (
                Some(Credentials {
                    user,
                    password_hash,
                }),
                Verdict::MatchOutdated,
            ) => {
                let new = self.hasher.hash(password.clone()).await?;
                self.users
                    .upgrade_password_hash(user.id, &password_hash, &new)
                    .await?;
                let password_hash = new;
                Ok(Credentials {
                    user,
                    password_hash,
                })
            }
            (None, _) | (Some(_), Verdict::Mismatch) => Err(SignInError::Refused),
        }
    }

    /// `None` when the hash has been replaced since it was looked up.
    async fn begin(
        &self,
        proved: Credentials,
        held: Option<SessionToken>,
    ) -> Result<Option<SignedIn>, StoreError> {
        let now = self.clock.now();
        let token = self.ids.session_token();
        let Credentials {
            user,
            password_hash,
        } = proved;
        let session = NewSession {
            id: SessionId(self.ids.uuid(now)),
            token: token.clone(),
            user: user.id,
            proved_by: password_hash,
            created_at: now,
        };
        match self.repository.begin(&session, held).await? {
            Begun::New(replaced) => {
                self.tell_of(replaced).await;
                let last_seen_at = Some(now);
                let user = User {
                    last_seen_at,
                    ..user
                };
                Ok(Some(SignedIn { token, user }))
            }
            Begun::Unproved => Ok(None),
        }
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
