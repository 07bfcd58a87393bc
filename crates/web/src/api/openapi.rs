//! The document that describes the API, out of the handlers and what holds for all of them.

use utoipa::OpenApi as _;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Type,
};

use super::Problem;

const SCHEME: &str = "session";

/// What the document says before any handler is added.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "jbl-chat",
        version = "1",
        description = "Direct messages between the people of one server.\n\n\
            Sign in with `POST /api/v1/session` and send the cookie it gives with every further \
            request. Bodies are JSON, times RFC 3339 in UTC with milliseconds, ids UUIDs. Errors \
            are `application/problem+json` (RFC 9457). Unknown query parameters are left alone, \
            unknown fields of a body are refused. New fields may be added to any answer.",
        license(name = "MIT", identifier = "MIT"),
    ),
    servers((url = "/", description = "This server.")),
    tags(
        (name = "session", description = "Signing in and out."),
        (name = "users", description = "Who else is there."),
        (name = "conversations", description = "The inbox, and how far one has read."),
        (name = "messages", description = "Reading and writing."),
    ),
    components(schemas(Problem)),
)]
struct Base;

/// The document without any handler.
pub(super) fn base() -> OpenApi {
    Base::openapi()
}

/// Adds to the handlers' own words what holds for all of them: who may ask, what can go wrong
/// anywhere, and that every error is a problem.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    let cookie = ApiKeyValue::with_description(
        "jbl_session",
        "Set by `POST /api/v1/session`. Over https its name is `__Host-jbl_session`.",
    );
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(SCHEME, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    document.security = Some(vec![SecurityRequirement::new(SCHEME, [] as [&str; 0])]);
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        add_common_problems(operation);
        for (status, response) in &mut operation.responses.responses {
            if let (true, RefOr::T(response)) = (status.as_str() >= "400", response) {
                make_problem(status, response);
            }
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        put,
        post,
        delete,
        ..
    } = item;
    [get, put, post, delete]
        .into_iter()
        .filter_map(Option::as_mut)
}

fn add_common_problems(operation: &mut Operation) {
    let is_query = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == utoipa::openapi::path::ParameterIn::Query,
        RefOr::Ref(_) => false,
    };
    let has_query = operation.parameters.iter().flatten().any(is_query);
    let has_body = operation.request_body.is_some();
    let is_open = operation.security.is_some();
    let is_write = operation
        .responses
        .responses
        .keys()
        .any(|status| status == "204")
        || has_body;
    let common = [
        (
            has_query || has_body,
            "400",
            "The query or the body cannot be read.",
        ),
        (!is_open, "401", "There is no session."),
        (is_write, "403", "A page of another site sent this."),
        (
            has_body,
            "408",
            "The body did not arrive within 15 seconds.",
        ),
        (has_body, "413", "The body has more than 64 KiB."),
        (has_body, "415", "The body is not `application/json`."),
        (
            true,
            "500",
            "The server is at fault; `id` finds it in the log.",
        ),
        (true, "503", "The server cannot do this for now."),
    ];
    for (_, status, description) in common.into_iter().filter(|(holds, ..)| *holds) {
        let response = ResponseBuilder::new().description(description).build();
        let responses = &mut operation.responses.responses;
        responses
            .entry(status.to_owned())
            .or_insert_with(|| response.into());
    }
}

fn make_problem(status: &str, response: &mut Response) {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    response
        .content
        .insert(Problem::CONTENT_TYPE.to_owned(), content.into());
    if matches!(status, "429" | "503") {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).build();
        let header = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("In how many seconds to ask again."));
        response
            .headers
            .insert("Retry-After".to_owned(), header.build().into());
    }
}
