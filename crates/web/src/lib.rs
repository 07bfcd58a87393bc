//! The delivery: the domain's use cases as HTML pages (with htmx, or without any script) and as
//! a JSON API under `/api/v1`.
//!
//! Both share the services, the extractors in [`requests`] and the [`paths`]; they differ in
//! parsing, rendering and error bodies, which lie in `pages/` with `views/`, and in `api/`.
//!
//! # What never happens here
//! No SQL, no broker, no hashing, no rule that would hold for a message sent any other way; no
//! inline script or style, no third-party host, and no user text in a place where it could run.
//! Stores, brokers and limits reach this crate only as the domain's ports, inside [`App`].
//!
//! # To add a page
//! Add its path to [`paths`], a handler of about ten lines to the feature's file in `pages/`
//! (extract, parse, call, render), a plain function to `views/`, and a line to `pages::routes`.
//! For an endpoint the same in `api/`, where the `OpenAPI` document follows from the handler.

mod api;
mod app;
mod assets;
mod layers;
mod pages;
pub mod paths;
pub mod requests;
mod streams;
mod views;

pub use app::{App, Config, NotReady, Readiness, Services};
pub use layers::{Answered, Answers, router};
pub use streams::{StreamFigures, Streams};
