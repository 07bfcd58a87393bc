//! Nothing is lost when something breaks: the real program, killed without warning, cut off from
//! its clients, its database's other nodes or its broker, and what its clients have in the end.
//!
//! A [`Stage`](stage::Stage) is a database with its nodes, each behind a [`Proxy`](proxy::Proxy).

mod backup;
mod browser;
mod command;
mod nats_server;
mod node;
mod proxy;
mod reader;
mod stage;
mod strangers;
mod streams;
mod upgrade;
mod writing;
