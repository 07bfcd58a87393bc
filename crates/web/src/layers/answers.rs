use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use domain::{Distributed, Distribution};

/// How requests were answered, by route, method and status. Clones are the same.
///
/// There are as many kinds as the router has routes, and no more: what a client makes up, in a
/// path or as a method, is of one kind.
#[derive(Clone, Default)]
pub struct Answers(Arc<RwLock<HashMap<Box<str>, OfRoute>>>);

type OfRoute = HashMap<(&'static str, u16), Distribution>;

/// Answers of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// As the router has it, `/conversations/{username}`, or [`Answers::NO_ROUTE`].
    pub route: Box<str>,
    /// `GET`, or [`Answers::OTHER_METHOD`].
    pub method: &'static str,
    /// 100 to 599.
    pub status: u16,
    /// After how many microseconds the answer began; an event stream goes on after that.
    pub micros: Distributed,
}

impl Answers {
    /// In the place of the route of what no route was there for.
    pub const NO_ROUTE: &'static str = "none";
    /// In the place of a method that no route knows.
    pub const OTHER_METHOD: &'static str = "other";

    /// Bounds in microseconds. A page takes one or two milliseconds; 20 s is the time limit.
    const BOUNDS: &'static [u64] = &[
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 5_000_000, 10_000_000, 20_000_000,
    ];

    /// Counts every answer that this router gives from now on.
    pub fn count(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), count))
    }

    /// What was counted until now, sorted.
    #[must_use]
    pub fn get(&self) -> Vec<Answered> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut answered: Vec<_> = routes
            .iter()
            .flat_map(|(route, kinds)| {
                kinds.iter().map(|(&(method, status), micros)| Answered {
                    route: route.clone(),
                    method,
                    status,
                    micros: micros.get(),
                })
            })
            .collect();
        answered
            .sort_by(|a, b| (&a.route, a.method, a.status).cmp(&(&b.route, b.method, b.status)));
        answered
    }

    fn observe(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let micros = took.as_micros().try_into().unwrap_or(u64::MAX);
        let kind = (method, status);
        {
            // The first of a kind makes room for it; all others only look it up.
            let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = routes.get(route).and_then(|kinds| kinds.get(&kind)) {
                return known.observe(micros);
            }
        }
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let kinds = routes.entry(route.into()).or_default();
        let new = kinds.entry(kind);
        new.or_insert_with(|| Distribution::new(Self::BOUNDS))
            .observe(micros);
    }
}

async fn count(State(answers): State<Answers>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = label(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route
        .as_ref()
        .map_or(Answers::NO_ROUTE, MatchedPath::as_str);
    answers.observe(route, method, response.status().as_u16(), begun.elapsed());
    response
}

fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => Answers::OTHER_METHOD,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn what_clients_make_up_is_of_one_kind() {
        let answers = Answers::default();
        let router = Router::new().route("/people/{name}", get(|| async { "here" }));
        let router = answers.count(router);
        for (method, path) in [
            ("GET", "/people/mary"),
            ("GET", "/people/john"),
            ("BREW", "/people/john"),
            ("STEEP", "/people/john"),
            ("GET", "/made/up"),
            ("GET", "/made/up/too"),
        ] {
            let request = Request::builder().method(method).uri(path);
            let request = request.body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap();
        }
        let kinds: Vec<_> = answers
            .get()
            .into_iter()
            .map(|kind| (kind.route, kind.method, kind.status, kind.micros.count))
            .collect();
        let expected = [
            ("/people/{name}".into(), "GET", 200, 2),
            ("/people/{name}".into(), "other", 405, 2),
            ("none".into(), "GET", 404, 2),
        ];
        assert_eq!(kinds, expected);
    }
}
