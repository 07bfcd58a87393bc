use std::net::SocketAddr;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Answer;

/// Sends these bytes as they are, which no client library would, and reads one answer up to the
/// end of the connection: the request should say `connection: close`.
pub(crate) async fn raw(address: SocketAddr, request: &[u8]) -> Answer {
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    let request = request.to_owned();
    let sent = tokio::spawn(async move {
        // A server that has heard enough need not read to the end.
        drop(to.write_all(&request).await);
        // To end the sending would be to hang up.
        to
    });
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).await.unwrap();
    drop(sent.await.unwrap());

    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&bytes)));
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    let status = status.split(' ').nth(1).unwrap();
    let headers = headers.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((
            HeaderName::try_from(name).unwrap(),
            HeaderValue::try_from(value).unwrap(),
        ))
    });
    Answer {
        status: StatusCode::from_bytes(status.as_bytes()).unwrap(),
        headers: headers.collect::<HeaderMap>(),
        text: String::from_utf8_lossy(&bytes[end + 4..]).into_owned(),
    }
}
