//! Who can sign in.

use anyhow::Context;
use domain::ListLimit;
use domain::sessions::{Password, PasswordHasher, Verdict};
use domain::users::{UserRepository, Username};
use passwords::Argon2Hasher;

/// Somebody the fixtures bring along.
pub(crate) struct SignIn {
    pub(crate) username: &'static str,
    pub(crate) password: &'static str,
}

const OF_THE_FIXTURES: SignIn = SignIn {
    username: "davidjones",
    password: "password",
};

/// Whether there is no account at all, not even a disabled one.
pub(crate) async fn is_nobody_there(users: &dyn UserRepository) -> anyhow::Result<bool> {
    let first = users.list_accounts(None, ListLimit::parse(1)?).await?;
    Ok(first.items.is_empty())
}

/// A sign-in for whoever tries the chat out; `None` when the fixtures were never loaded, or their
/// password is no longer the one everybody knows.
pub(crate) async fn known_to_everybody(
    users: &dyn UserRepository,
) -> anyhow::Result<Option<SignIn>> {
    let username = Username::parse(OF_THE_FIXTURES.username)?;
    let Some(credentials) = users.find_credentials(&username).await? else {
        return Ok(None);
    };
    let password = Password::typed(OF_THE_FIXTURES.password.to_owned());
    let verdict = Argon2Hasher::new()
        .verify(password, Some(credentials.password_hash))
        .await
        .context("cannot check the password of the fixtures")?;
    Ok(match verdict {
        Verdict::Match | Verdict::MatchOutdated => Some(OF_THE_FIXTURES),
        Verdict::Mismatch => None,
    })
}
