//! The JSON API under `/api/v1`, and the document that describes it.
//!
//! Each feature's file holds its shapes and its handlers; a handler's `#[utoipa::path]` is its
//! route and its entry in the `OpenAPI` document alike, so that the two cannot differ. What holds
//! for all handlers is added to the document in [`openapi`]. Whatever goes wrong is an
//! [`ApiError`], and no other body than a problem leaves under `/api` with an error status.

mod conversations;
mod docs;
mod error;
mod events;
mod fields;
mod history;
mod json;
mod messages;
mod object;
mod openapi;
mod peer;
mod problem;
mod query;
mod session;
mod users;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use error::ApiError;
pub(crate) use problem::Problem;

use crate::App;

/// Every route under `/api`.
pub(crate) fn routes() -> Router<App> {
    let (api, document) = endpoints();
    api.merge(docs::routes(&document))
}

fn endpoints() -> (Router<App>, OpenApi) {
    // Every path is whole: nesting would hide its beginning from the extractors, which tell by it
    // that a program asks.
    let api = OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(
            session::sign_in,
            session::read_session,
            session::sign_out
        ))
        .routes(routes!(users::list_users))
        .routes(routes!(users::read_user))
        .routes(routes!(conversations::list_conversations))
        .routes(routes!(conversations::read_conversation))
        .routes(routes!(conversations::mark_read))
        .routes(routes!(conversations::mark_delivered))
        .routes(routes!(history::read_messages, messages::send_message))
        .routes(routes!(events::follow_events));
    let (router, document) = api.split_for_parts();
    (router, openapi::complete(document))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_has_the_routes_of_the_contract_and_no_other() {
        let (_, document) = endpoints();
        let document = serde_json::to_value(&document).unwrap();
        let paths = document["paths"].as_object().unwrap().iter();
        let routes: BTreeSet<String> = paths
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys();
                methods.map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let contract = [
            "POST /api/v1/session",
            "GET /api/v1/session",
            "DELETE /api/v1/session",
            "GET /api/v1/users",
            "GET /api/v1/users/{username}",
            "GET /api/v1/conversations",
            "GET /api/v1/conversations/{username}",
            "GET /api/v1/conversations/{username}/messages",
            "POST /api/v1/conversations/{username}/messages",
            "PUT /api/v1/conversations/{username}/read",
            "PUT /api/v1/conversations/{username}/delivered",
            "GET /api/v1/events",
        ];
        assert_eq!(routes, contract.map(str::to_owned).into());
    }

    /// After a change that is meant: `INSTA_UPDATE=always cargo test -p web`, and read the diff.
    #[test]
    fn the_document_changes_only_on_purpose() {
        let (_, document) = endpoints();
        insta::assert_json_snapshot!("openapi", document);
    }
}
