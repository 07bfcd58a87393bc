use std::fmt::Write as _;

/// A request as it goes over the wire.
pub(in crate::bench) struct Request(Vec<u8>);

impl Request {
    /// A page, or a JSON document.
    pub(in crate::bench) fn get(path: &str, cookie: &str) -> Self {
        let text = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n");
        Self(text.into_bytes())
    }

    /// What a program sends.
    pub(in crate::bench) fn post_json(path: &str, cookie: &str, body: &str) -> Self {
        Self::post(path, cookie, "Content-Type: application/json\r\n", body)
    }

    /// What a page with htmx sends.
    pub(in crate::bench) fn post_form(path: &str, cookie: &str, fields: &[(&str, &str)]) -> Self {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let headers = "Content-Type: application/x-www-form-urlencoded\r\nHX-Request: true\r\n";
        Self::post(path, cookie, headers, &fields.join("&"))
    }

    fn post(path: &str, cookie: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n{headers}\
             Content-Length: {length}\r\n\r\n{body}"
        );
        Self(text.into_bytes())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// `text` as part of a URL or of a form.
pub(in crate::bench) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_measured_in_bytes() {
        let text = String::from_utf8(Request::post_json("/a", "s=1", "\"é\"").0).unwrap();
        assert!(text.contains("\r\nContent-Length: 4\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\n\"é\""));
    }

    #[test]
    fn a_form_is_its_encoded_fields() {
        let request = Request::post_form("/a", "s=1", &[("body", "1 & 2"), ("id", "x-y")]);
        let text = String::from_utf8(request.0).unwrap();
        assert!(text.ends_with("\r\n\r\nbody=1%20%26%202&id=x-y"), "{text}");
    }

    #[test]
    fn what_is_not_safe_in_a_url_is_encoded() {
        assert_eq!(encoded("1 + é"), "1%20%2B%20%C3%A9");
        assert_eq!(encoded("a-b_c.d~E9"), "a-b_c.d~E9");
    }
}
