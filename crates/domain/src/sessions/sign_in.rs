use std::net::IpAddr;

use super::{Begun, HashError, NewSession, Password, SessionId, SessionToken, Sessions, Verdict};
use crate::users::{Credentials, User, Username};
use crate::{RetryAfter, StoreError};

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
    pub(super) const MOST_PROOFS: usize = 2;

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
        let outcome = self.try_to_sign_in(credential, held).await;
        self.tally.count(&outcome);
        outcome
    }

    async fn try_to_sign_in(
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

    /// The user of this name and password, with a hash of today's kind that shows it.
    pub(super) async fn prove(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<Credentials, SignInError> {
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
#[path = "sign_in_tests.rs"]
mod tests;
