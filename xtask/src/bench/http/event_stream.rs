use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Request;
use super::chunked::Chunked;
use super::connection::connect;
use super::head::Head;

/// An open `text/event-stream` of the API.
pub(in crate::bench) struct EventStream {
    stream: TcpStream,
    chunked: Chunked,
    text: Vec<u8>,
}

/// One event of it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::bench) struct Event {
    pub(in crate::bench) name: String,
    pub(in crate::bench) data: String,
}

impl EventStream {
    /// Opens the stream of whoever has this cookie, and waits for its first sign of life.
    pub(in crate::bench) async fn open(address: &str, cookie: &str) -> anyhow::Result<Self> {
        let mut stream = connect(address).await?;
        let request = Request::get("/api/v1/events", cookie);
        stream.write_all(request.bytes()).await?;
        let mut raw = Vec::with_capacity(1024);
        let mut opened = loop {
            let read = stream.read_buf(&mut raw).await?;
            ensure!(read > 0, "the server closed a stream as it was opened");
            if let Some(head) = Head::read(&raw)? {
                ensure!(head.status == 200, "a stream was refused: {}", head.status);
                let mut opened = Self {
                    stream,
                    chunked: Chunked::default(),
                    text: Vec::new(),
                };
                opened.chunked.take(&raw[head.length..], &mut opened.text)?;
                break opened;
            }
        };
        let first = opened.next().await?;
        ensure!(first.name == "ping", "a stream began with {first:?}");
        Ok(opened)
    }

    /// The next event.
    ///
    /// # Errors
    /// When the stream ends, which none does by itself.
    pub(in crate::bench) async fn next(&mut self) -> anyhow::Result<Event> {
        loop {
            if let Some(event) = take_event(&mut self.text)? {
                return Ok(event);
            }
            let mut raw = [0; 1024];
            let read = self.stream.read(&mut raw).await?;
            ensure!(read > 0, "the server closed a stream");
            self.chunked.take(&raw[..read], &mut self.text)?;
            ensure!(!self.chunked.is_over, "the server ended a stream");
        }
    }
}

/// Cuts the first whole event off.
fn take_event(text: &mut Vec<u8>) -> anyhow::Result<Option<Event>> {
    let Some(end) = text.windows(2).position(|two| two == b"\n\n") else {
        return Ok(None);
    };
    let mut event = Event {
        name: String::new(),
        data: String::new(),
    };
    for line in str::from_utf8(&text[..end])?.split('\n') {
        let (field, value) = line.split_once(": ").context("a line without a field")?;
        match field {
            "event" => value.clone_into(&mut event.name),
            "data" => event.data.push_str(value),
            _ => {}
        }
    }
    text.drain(..end + 2);
    Ok(Some(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_cut_off_one_by_one_when_whole() {
        let mut text = b"event: message\nid: 7\ndata: {\"a\":1}\n\nevent: ping\nid: 8\n".to_vec();
        let event = Event {
            name: "message".to_owned(),
            data: "{\"a\":1}".to_owned(),
        };
        assert_eq!(take_event(&mut text).unwrap(), Some(event));
        assert_eq!(take_event(&mut text).unwrap(), None);
        text.extend_from_slice(b"data: {}\n\n");
        let last = take_event(&mut text).unwrap().unwrap();
        assert_eq!((last.name.as_str(), last.data.as_str()), ("ping", "{}"));
        assert!(text.is_empty());
    }
}
