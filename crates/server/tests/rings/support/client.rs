use std::net::SocketAddr;

use reqwest::header::{COOKIE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::TestApp;

/// A client with a cookie jar of its own that follows no redirect.
#[derive(Clone)]
pub(crate) struct TestClient {
    http: Client,
    address: SocketAddr,
}

/// What came back, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl TestClient {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self { http, address }
    }

    /// A client that always sends this cookie and keeps none that it is given.
    pub(crate) fn holding(address: SocketAddr, cookie: &str) -> Self {
        let cookie = [(COOKIE, HeaderValue::from_str(cookie).unwrap())];
        let http = Client::builder()
            .default_headers(HeaderMap::from_iter(cookie))
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self { http, address }
    }

    /// The same client, with the same cookies, at another node.
    pub(crate) fn at(&self, node: &TestApp) -> Self {
        Self {
            http: self.http.clone(),
            address: node.address,
        }
    }

    /// The same client, with the same cookies, at another address.
    pub(crate) fn at_address(&self, address: SocketAddr) -> Self {
        Self {
            http: self.http.clone(),
            address,
        }
    }

    /// A request to this server, to be dressed further.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    /// As htmx asks for the pane.
    pub(crate) async fn get_pane(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        answer(
            request
                .header("hx-request", "true")
                .header("hx-target", "main#main"),
        )
        .await
    }

    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(self.request(Method::POST, path).form(fields)).await
    }

    /// As htmx sends a form.
    pub(crate) async fn post_htmx(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(
            self.request(Method::POST, path)
                .header("hx-request", "true")
                .form(fields),
        )
        .await
    }

    pub(crate) async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        answer(self.request(method, path).json(body)).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    pub(crate) async fn sign_in(&self, username: &str, password: &str) {
        let body = json!({ "username": username, "password": password });
        let answer = self.json(Method::POST, "/api/v1/session", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    }
}

/// Sends a request and reads the answer whole.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}

impl Answer {
    /// The answer, provided that it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}
