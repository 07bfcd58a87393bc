//! Nothing is lost when something breaks: the real program, killed without warning, cut off from
//! its clients, its database's other nodes or its broker, and what its clients have in the end.
//!
//! A [`Stage`](stage::Stage) is a database with its nodes, each behind a [`Proxy`](proxy::Proxy).
//! People do not stop while things break: a [`Crowd`](crowd::Crowd) writes, reads and follows, and a
//! [checker](checker::violations) holds what it did and saw against the tables. docs/reliability.md
//! says which test shows what.

mod backup;
mod brokers;
mod browser;
mod chance;
mod checker;
mod clocks;
mod command;
mod crashes;
mod crowd;
mod databases;
mod endings;
mod history;
#[cfg(target_os = "linux")]
mod idle;
mod nats_server;
mod node;
mod nodes;
mod pages;
mod postgres_server;
mod proxy;
mod reader;
mod slow_readers;
mod stage;
mod strangers;
mod streams;
mod truth;
mod upgrade;
mod writer;
mod writing;
