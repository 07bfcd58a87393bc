use axum::response::Redirect;

use crate::paths;
use crate::requests::{NoViewer, Viewer};

pub(super) async fn home(_: paths::Home, viewer: Result<Viewer, NoViewer>) -> Redirect {
    match viewer {
        Ok(_) => Redirect::to(&paths::Inbox.to_string()),
        Err(_) => Redirect::to(&paths::Login.to_string()),
    }
}
