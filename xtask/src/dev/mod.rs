//! `cargo xtask dev`: from a fresh clone to a running chat.

mod accounts;
pub(crate) mod server;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use storage::Store;

use self::accounts::SignIn;
use crate::interrupts::{Interrupts, code_of, in_own_group};
use crate::migrate::{self, Direction};
use crate::seed;

/// Builds, migrates, loads the fixtures when there are no users, and serves until it is told to
/// end; the exit code is the server's.
pub(crate) async fn run(database_url: &str) -> anyhow::Result<ExitCode> {
    let address = server::listen_address();
    server::ensure_free(&address, "LISTEN_ADDR")?;
    let binary = server::build()?;
    migrate::run(Direction::Up, database_url).await?;
    let sign_in = prepare_accounts(database_url).await?;

    let mut interrupts = Interrupts::hold()?;
    let mut command = server::command(&binary, database_url);
    let mut server = in_own_group(&mut command).spawn()?;
    let greeting = tokio::spawn(async move {
        server::is_alive(&address).await;
        println!("\n  {}", server::public_url(&address));
        print_sign_in(sign_in.as_ref());
    });
    let status = interrupts.wait_for(&mut server).await?;
    greeting.abort();
    Ok(ExitCode::from(code_of(status)))
}

/// Loads the fixtures when there are no users, and finds a sign-in to show.
pub(crate) async fn prepare_accounts(database_url: &str) -> anyhow::Result<Option<SignIn>> {
    let store = Store::open(database_url)
        .await
        .context("cannot open the database")?;
    let users = store.users();
    if accounts::is_nobody_there(&*users).await? {
        println!(
            "{}",
            seed::fixtures(database_url, Path::new("fixtures")).await?
        );
    }
    accounts::known_to_everybody(&*users).await
}

/// Ends what is said once everything is up.
pub(crate) fn print_sign_in(sign_in: Option<&SignIn>) {
    if let Some(SignIn { username, password }) = sign_in {
        println!("  sign in as {username} with the password {password}");
    }
    println!("  Ctrl-C ends it\n");
}
