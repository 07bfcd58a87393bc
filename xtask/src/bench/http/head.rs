use anyhow::{Context, bail};

/// The status line and the headers of an answer, and where its body begins.
pub(super) struct Head<'a> {
    pub(super) status: u16,
    /// All lines after the first.
    pub(super) headers: &'a str,
    /// Bytes up to and with the empty line.
    pub(super) length: usize,
}

impl<'a> Head<'a> {
    /// `None` until the empty line is there.
    pub(super) fn read(raw: &'a [u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = raw.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = str::from_utf8(&raw[..end]).context("a head that is no text")?;
        let (first, headers) = text.split_once("\r\n").unwrap_or((text, ""));
        let status = first.strip_prefix("HTTP/1.1 ").and_then(|s| s.get(..3));
        let Some(status) = status.and_then(|digits| digits.parse().ok()) else {
            bail!("not an answer: {first:?}");
        };
        Ok(Some(Self {
            status,
            headers,
            length: end + 4,
        }))
    }

    /// The value of the first header of this name, in whatever case.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        header(self.headers, name)
    }
}

/// The value of the first of these lines that has this name, in whatever case.
pub(super) fn header<'a>(headers: &'a str, name: &str) -> Option<&'a str> {
    headers.split("\r\n").find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let raw = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nset-cookie: a=b; Path=/\r\n\r\nhi";
        assert!(Head::read(&raw[..40]).unwrap().is_none());
        let head = Head::read(raw).unwrap().unwrap();
        assert_eq!(head.status, 201);
        assert_eq!(&raw[head.length..], b"hi");
        assert_eq!(head.header("content-length"), Some("2"));
        assert_eq!(head.header("Set-Cookie"), Some("a=b; Path=/"));
        assert_eq!(head.header("etag"), None);
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        assert!(Head::read(b"SSH-2.0\r\n\r\n").is_err());
        assert!(Head::read(b"HTTP/1.1 xx\r\n\r\n").is_err());
    }
}
