//! `cargo xtask seed`: fixtures, or a large made-up data set.
//!
//! What never happens here: a change of the schema (that is `migrate`), or of anything that is
//! stored already.

mod bulk;
mod fixtures;
#[cfg(test)]
mod temp_database;

use std::path::{Path, PathBuf};

use anyhow::Context;
use storage::Store;

pub(crate) use bulk::{Draw, Plan};
pub(crate) use fixtures::Report;

/// Without numbers: loads `user.json` and `message.json`, which running twice does not change.
/// With numbers: makes up so many users, conversations and messages, the same for the same seed
#[derive(clap::Args)]
pub(crate) struct SeedArgs {
    /// A folder with user.json and message.json in the shape of Django's loaddata
    #[arg(default_value = "fixtures", conflicts_with = "users")]
    dir: PathBuf,

    /// How many users to make up, all with the password "password"
    #[arg(long, value_name = "N", requires_all = ["conversations", "messages"])]
    users: Option<u32>,

    /// How many pairs of them have a conversation
    #[arg(long, value_name = "C", requires = "users")]
    conversations: Option<u32>,

    /// How many messages there are in all of these
    #[arg(long, value_name = "M", requires = "users")]
    messages: Option<u64>,

    /// Another seed makes other people, texts and times
    #[arg(long, value_name = "S", requires = "users", default_value_t = 1)]
    seed: u64,
}

/// Does as asked and prints what was stored.
pub(crate) async fn run(args: SeedArgs, database_url: &str) -> anyhow::Result<()> {
    if let (Some(users), Some(conversations), Some(messages)) =
        (args.users, args.conversations, args.messages)
    {
        let plan = Plan::new(users, conversations, messages, args.seed)?;
        println!("{}", made_up(database_url, &plan).await?);
    } else {
        println!("{}", fixtures(database_url, &args.dir).await?);
    }
    Ok(())
}

/// Loads the fixtures in `dir`.
///
/// # Errors
/// With bad files nothing is changed, and the error says which entry is wrong.
pub(crate) async fn fixtures(database_url: &str, dir: &Path) -> anyhow::Result<Report> {
    let store = open(database_url).await?;
    let report = fixtures::load(&store, dir).await?;
    store.close().await?;
    Ok(report)
}

/// Makes the plan's people and their messages up, and says how long it took.
///
/// # Errors
/// When the database has made-up users already; nothing is changed then.
pub(crate) async fn made_up(database_url: &str, plan: &Plan) -> anyhow::Result<String> {
    let store = open(database_url).await?;
    let report = bulk::store(&store, plan).await?;
    store.close().await?;
    Ok(report)
}

/// The name of made-up person number `number`, from 1 on. Their password is `password`.
pub(crate) fn made_up_name(number: u32) -> anyhow::Result<String> {
    Ok(bulk::username(number)?.to_string())
}

async fn open(database_url: &str) -> anyhow::Result<Store> {
    Store::open(database_url)
        .await
        .context("cannot open the database, which `cargo xtask migrate up` makes")
}
