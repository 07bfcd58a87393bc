//! A server to test, the people in it, and clients.

mod app;
mod client;
mod database;
mod eventually;
mod exposition;
mod fixtures;
mod gate;
mod raw;
mod stream;

pub(crate) use app::{PASSWORD, TestApp, Wish, add_user};
pub(crate) use client::{Answer, TestClient, answer};
pub(crate) use database::Database;
pub(crate) use eventually::{eventually, within};
pub(crate) use exposition::Exposition;
pub(crate) use gate::Gate;
pub(crate) use raw::raw;
pub(crate) use stream::{Event, TestStream};

/// Writes a rule once and tests it on both databases, as `rule::sqlite` and `rule::postgres`.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: &TestApp) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn rule($app: &TestApp) $body

            #[tokio::test]
            async fn sqlite() {
                let app = TestApp::start($crate::support::Database::sqlite()).await;
                rule(&app).await;
                app.stop().await;
            }

            #[tokio::test]
            async fn postgres() {
                let app = TestApp::start($crate::support::Database::postgres().await).await;
                rule(&app).await;
                app.stop().await;
            }
        }
    )+};
}
pub(crate) use on_both_databases;
