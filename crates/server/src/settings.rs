//! The command line and the environment, parsed once: what is in [`Cli`] is valid.
//!
//! Every setting is a flag and an environment variable of the same name. An empty variable counts
//! as unset, a wrong one stops the start with one line, and there is no setting that is read and
//! not obeyed.

mod broker_url;
mod database_url;
mod parsers;
mod rate;

use std::error::Error;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use domain::users::{DisplayName, Username};
use ipnet::IpNet;
use url::Url;

pub use broker_url::{BrokerUrl, BrokerUrlError};
pub use database_url::DatabaseUrl;
pub use rate::{Period, Rate, RateLimit, RateLimitError};

/// Direct messaging that a team hosts itself.
#[derive(Clone, Debug, Parser)]
#[command(name = "jbl-chat", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// Where the data is.
    #[arg(help = "Where the data is: sqlite://FILE or postgres://…")]
    #[arg(
        long,
        env,
        value_name = "DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    #[arg(default_value = "sqlite://data/jbl-chat.db")]
    pub database_url: DatabaseUrl,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// What the program can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve the chat
    Serve(Box<ServeSettings>),
    /// Make or upgrade the schema (and the SQLite file)
    Migrate {
        /// Which way; down undoes the last step and removes the data that only it can hold, while
        /// no server may run
        #[arg(default_value = "up", hide_possible_values = true)]
        #[arg(value_name = "up|down|status")]
        direction: Direction,
    },
    /// Make and change accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Write a consistent copy of the SQLite database, also while it is served
    Backup {
        /// A file that does not exist yet
        file: PathBuf,
    },
}

/// Which way to migrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// Every step that is pending.
    Up,
    /// The last step back.
    Down,
    /// Shows the steps and changes nothing.
    Status,
}

/// What an operator does with accounts. A password is asked for at a terminal, else it is the
/// first line of standard input.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; the password is asked for, or read from standard input
    Add {
        /// 1-150 letters, digits and @ . + - _
        #[arg(value_parser = Username::parse)]
        name: Username,
        /// The name people read [default: NAME]
        #[arg(long, value_parser = DisplayName::parse)]
        display_name: Option<DisplayName>,
    },
    /// List all accounts
    List,
    /// Set a new password and end all sessions; it is asked for, or read from standard input
    Passwd {
        /// Whose
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
    /// Sign a user out everywhere and hide them
    Disable {
        /// Whom
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
    /// Let a disabled user in again
    Enable {
        /// Whom
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
}

/// What serving needs.
#[derive(Args, Clone, Debug)]
pub struct ServeSettings {
    /// The address and port to listen on
    #[arg(
        long,
        env,
        value_name = "LISTEN_ADDR",
        default_value = "127.0.0.1:8000"
    )]
    #[arg(value_parser = parsers::listen_addr)]
    pub listen_addr: SocketAddr,

    /// The address people type.
    #[arg(
        help = "The address people type [default: http://LISTEN_ADDR]; https:// makes cookies \
                  Secure and sends HSTS"
    )]
    #[arg(long, env, value_name = "PUBLIC_URL", value_parser = parsers::public_url)]
    pub public_url: Option<Url>,

    /// How fast one user may send: N/s, N/min or N/h, with ,burst=M, or off
    #[arg(long, env, value_name = "SEND_RATE", default_value = "10/s,burst=40")]
    pub send_rate: RateLimit,

    /// How fast one may try to sign in to one account from one address; off for no limit
    #[arg(long, env, value_name = "LOGIN_RATE", default_value = "5/min,burst=10")]
    pub login_rate: RateLimit,

    /// Comma-separated addresses and nets whose X-Forwarded-For counts [default: none]
    #[arg(long, env, value_name = "TRUSTED_PROXIES", value_delimiter = ',')]
    #[arg(value_parser = parsers::net)]
    pub trusted_proxies: Vec<IpNet>,

    /// What to log: error, warn, info, debug, trace or off, with target=level after commas
    #[arg(long, env, value_name = "LOG", default_value = "info")]
    #[arg(value_parser = parsers::log_filter)]
    pub log: String,

    /// How to log: text for people or json for machines
    #[arg(long, env, value_name = "LOG_FORMAT", default_value = "text")]
    #[arg(hide_possible_values = true)]
    pub log_format: LogFormat,

    /// The NATS server between several nodes: nats://HOST:PORT [default: none, a single node]
    #[arg(long, env, value_name = "BROKER_URL", hide_env_values = true)]
    pub broker_url: Option<BrokerUrl>,

    /// The address and port to serve /metrics on, for Prometheus [default: none, no metrics]
    #[arg(long, env, value_name = "METRICS_ADDR", value_parser = parsers::listen_addr)]
    pub metrics_addr: Option<SocketAddr>,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub enum NotParsed {
    /// Help or the version was asked for: this is it.
    Asked(clap::Error),
    /// One line that names the setting and says what is allowed.
    Wrong(String),
}

impl Cli {
    /// Reads the arguments and the environment of this process.
    ///
    /// # Errors
    /// [`NotParsed`] when there is nothing to run.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, NotParsed> {
        let cli = unset_empty(Self::command())
            .try_get_matches_from(args)
            .and_then(|matches| Self::from_arg_matches(&matches))
            .map_err(not_parsed)?;
        if cli.database_url.is_known() {
            Ok(cli)
        } else {
            Err(NotParsed::Wrong(
                "--database-url <DATABASE_URL>: must begin with sqlite: or postgres://".to_owned(),
            ))
        }
    }
}

/// Forgets the variable of every argument that is there and empty.
fn unset_empty(command: clap::Command) -> clap::Command {
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|v| v.is_empty());
    command
        .mut_args(|arg| match arg.get_env() {
            Some(name) if is_empty(name) => arg.env(None),
            Some(_) | None => arg,
        })
        .mut_subcommands(unset_empty)
}

fn not_parsed(error: clap::Error) -> NotParsed {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(_) | None => None,
    };
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => NotParsed::Asked(error),
        ErrorKind::ValueValidation if let Some(why) = error.source() => {
            let setting = context(ContextKind::InvalidArg).unwrap_or_default();
            NotParsed::Wrong(format!("{setting}: {why}"))
        }
        ErrorKind::InvalidValue if let Some(allowed) = context(ContextKind::ValidValue) => {
            let setting = context(ContextKind::InvalidArg).unwrap_or_default();
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            NotParsed::Wrong(format!("{setting}: {value:?} is none of {allowed}"))
        }
        _ => NotParsed::Wrong(first_paragraph(&error.to_string())),
    }
}

/// What clap says before its hints, on one line.
fn first_paragraph(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let line = lines.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}
