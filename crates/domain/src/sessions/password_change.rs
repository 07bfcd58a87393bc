use std::net::IpAddr;

use super::{Authenticated, NewPassword, Password, Sessions, SignInError};

/// A new password of one's own.
#[derive(Debug)]
pub struct PasswordChange {
    /// The one so far, as typed.
    pub old: Password,
    /// The one from now on.
    pub new: NewPassword,
    /// Where the attempt comes from.
    pub address: IpAddr,
}

impl Sessions {
    /// Sets a new password once the old one has proved right, and ends all other sessions of the
    /// user and whatever acts for them at the moment; this one goes on.
    ///
    /// It counts as an attempt to sign in: who holds a session guesses no faster than who does
    /// not.
    ///
    /// # Errors
    /// [`SignInError`] when nothing was changed: [`SignInError::Refused`] says that the old
    /// password is another one.
    pub async fn change_password(
        &self,
        this: &Authenticated,
        change: PasswordChange,
    ) -> Result<(), SignInError> {
        let PasswordChange { old, new, address } = change;
        let username = this.user.username.as_str();
        self.limit
            .check(username, address)
            .map_err(SignInError::TooMany)?;

        let user = this.user.id;
        let mut hashed = None;
        for _ in 0..Self::MOST_PROOFS {
            let old_hash = self.prove(username, &old).await?.password_hash;
            let new_hash = match &hashed {
                Some(hash) => hash,
                None => hashed.insert(self.hasher.hash(new.clone().into()).await?),
            };
            let (keeping, now) = (this.session, self.clock.now());
            let changed = (self.users).change_password(user, &old_hash, new_hash, keeping, now);
            if changed.await? {
                self.tell_to_look(user).await;
                return Ok(());
            }
        }
        Err(SignInError::Refused)
    }
}

#[cfg(test)]
#[path = "password_change_tests.rs"]
mod tests;
