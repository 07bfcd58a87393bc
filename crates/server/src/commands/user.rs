//! `jbl-chat user`

mod password;
mod table;

use anyhow::{Context, bail};
use domain::ListLimit;
use domain::users::{Account, Accounts, AddUser, AddUserError, ChangeAccountError, Username};
use storage::Store;

use crate::schema::Schema;
use crate::settings::{DatabaseUrl, UserCommand};
use crate::wiring::accounts;

use super::say;

/// Makes, lists or changes accounts, and says what it did.
///
/// # Errors
/// When nothing was changed: the name is taken or unknown, the password is refused, or the
/// database does not answer or has another schema.
pub async fn user(database: &DatabaseUrl, command: UserCommand) -> anyhow::Result<()> {
    let schema = Schema::of_existing(database).await?;
    schema.require_current().await?;
    schema.close().await?;
    let store = Store::open(database.expose())
        .await
        .context("cannot open the database")?;
    let done = change(&accounts(&store), command).await;
    store.close().await.context("cannot close the database")?;
    say(&done?)
}

/// Says what was done.
async fn change(accounts: &Accounts, command: UserCommand) -> anyhow::Result<String> {
    match command {
        UserCommand::Add { name, display_name } => {
            let account = AddUser {
                username: name.clone(),
                display_name,
                password: password::read()?,
            };
            match accounts.add(account).await {
                Ok(_id) => Ok(format!("added {name}")),
                Err(AddUserError::UsernameTaken) => bail!("the name {name} is taken"),
                Err(error @ (AddUserError::Hash(_) | AddUserError::Store(_))) => Err(error.into()),
            }
        }
        UserCommand::List => Ok(table::table(&all(accounts).await?)),
        UserCommand::Passwd { name } => {
            // Before a password is asked for that nobody will have.
            changed(&name, accounts.find(&name).await.map(drop))?;
            let password = password::read()?;
            changed(&name, accounts.set_password(&name, password).await)?;
            Ok(format!(
                "set the password of {name} and ended all their sessions"
            ))
        }
        UserCommand::Disable { name } => {
            changed(&name, accounts.disable(&name).await)?;
            Ok(format!("disabled {name}"))
        }
        UserCommand::Enable { name } => {
            changed(&name, accounts.enable(&name).await)?;
            Ok(format!("enabled {name}"))
        }
    }
}

fn changed(name: &Username, outcome: Result<(), ChangeAccountError>) -> anyhow::Result<()> {
    match outcome {
        Ok(()) => Ok(()),
        Err(ChangeAccountError::NoSuchUser) => bail!("there is no user {name}"),
        Err(error @ (ChangeAccountError::Hash(_) | ChangeAccountError::Store(_))) => {
            Err(error.into())
        }
    }
}

async fn all(accounts: &Accounts) -> anyhow::Result<Vec<Account>> {
    let limit = ListLimit::parse(100)?;
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = accounts.list(after, limit).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}
