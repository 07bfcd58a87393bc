//! The HTML side. Every page works without a script; htmx gets the piece it asks for.

mod conversations;
mod drawn;
mod error;
mod events;
mod home;
mod login;
mod messages;
mod news;
mod pane;
mod piece;
mod probes;
mod settings;
mod users;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum_extra::routing::RouterExt as _;

pub(crate) use drawn::Drawings;
pub(crate) use error::PageError;
pub(crate) use pane::{Pane, View};
pub(crate) use piece::Piece;

use crate::{App, assets};

/// The largest form, in bytes: a message of 8,000 characters fits, each of four bytes and each byte
/// written as three.
const FORM_LIMIT: usize = 128 * 1024;

/// Every route that answers with HTML, and the two probes.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .typed_get(home::home)
        .typed_get(login::form)
        .typed_post(login::sign_in)
        .typed_post(login::sign_out)
        .typed_get(users::list)
        .typed_get(conversations::inbox)
        .typed_get(conversations::open)
        .typed_post(conversations::mark_read)
        .typed_post(conversations::mark_delivered)
        .typed_get(messages::piece)
        .typed_post(messages::send)
        .typed_post(conversations::typing)
        .typed_get(settings::show)
        .typed_post(settings::rename)
        .typed_post(settings::change_password)
        .typed_post(settings::set_receipts)
        .typed_post(settings::set_theme)
        .typed_post(settings::end_session)
        .typed_post(settings::end_others)
        .typed_get(events::events)
        .typed_get(probes::healthz)
        .typed_get(probes::readyz)
        .typed_get(assets::serve)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
}
