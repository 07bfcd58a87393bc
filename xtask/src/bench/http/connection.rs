use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Request;
use super::head::{Head, header};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that is kept for one request after the other.
pub(in crate::bench) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    used: Instant,
}

/// An answer, which lies in its connection's buffer.
pub(in crate::bench) struct Answer<'a> {
    pub(in crate::bench) status: u16,
    headers: &'a str,
    pub(in crate::bench) body: &'a str,
}

impl Connection {
    pub(in crate::bench) async fn open(address: &str) -> anyhow::Result<Self> {
        Ok(Self {
            stream: connect(address).await?,
            buffer: Vec::with_capacity(32 * 1024),
            used: Instant::now(),
        })
    }

    /// Sends the request and waits for its whole answer.
    pub(in crate::bench) async fn ask(&mut self, request: &Request) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request.bytes()).await?;
        let (length, end) = timeout(PATIENCE, self.read_answer())
            .await
            .context("no answer in time")??;
        self.used = Instant::now();
        let head = Head::read(&self.buffer)?.context("an answer without a head")?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: str::from_utf8(&self.buffer[length..end]).context("a body that is no text")?,
        })
    }

    /// How long it has not been of use.
    pub(super) fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    /// Fills the buffer with one answer; says where its body begins and ends.
    async fn read_answer(&mut self) -> anyhow::Result<(usize, usize)> {
        self.buffer.clear();
        let (length, end) = loop {
            self.read_more().await?;
            if let Some(head) = Head::read(&self.buffer)? {
                let length = match head.header("content-length") {
                    Some(length) => length.parse().context("a length that is no number")?,
                    None if head.status == 204 => 0,
                    None => anyhow::bail!("an answer without a length: {}", head.status),
                };
                break (head.length, head.length + length);
            }
        };
        while self.buffer.len() < end {
            self.read_more().await?;
        }
        ensure!(self.buffer.len() == end, "more than one answer");
        Ok((length, end))
    }

    async fn read_more(&mut self) -> anyhow::Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the server closed the connection");
        Ok(())
    }
}

impl<'a> Answer<'a> {
    /// The value of the first header of this name.
    pub(in crate::bench) fn header(&self, name: &str) -> Option<&'a str> {
        header(self.headers, name)
    }

    /// # Errors
    /// When the status is another.
    pub(in crate::bench) fn expect(self, status: u16) -> anyhow::Result<Self> {
        let beginning: String = self.body.chars().take(300).collect();
        ensure!(self.status == status, "{}: {beginning}", self.status);
        Ok(self)
    }
}

pub(super) async fn connect(address: &str) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn answered(pieces: &'static [&'static str]) -> anyhow::Result<(u16, String)> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            assert!(stream.read(&mut asked).await.unwrap() > 0);
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        let client = async {
            let mut connection = Connection::open(&address).await?;
            let answer = connection.ask(&Request::get("/", "")).await?;
            Ok((answer.status, answer.body.to_owned()))
        };
        tokio::join!(server, client).1
    }

    #[tokio::test]
    async fn an_answer_in_pieces_is_put_together() {
        let pieces = &["HTTP/1.1 200 OK\r\nconte", "nt-length: 4\r\n\r\nab", "cd"];
        assert_eq!(answered(pieces).await.unwrap(), (200, "abcd".to_owned()));
    }

    #[tokio::test]
    async fn half_an_answer_is_an_error() {
        let pieces = &["HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc"];
        assert!(answered(pieces).await.is_err());
    }

    #[test]
    fn another_status_than_expected_is_an_error() {
        let answer = |status| Answer {
            status,
            headers: "",
            body: "gone",
        };
        assert!(answer(200).expect(200).is_ok());
        let error = answer(404).expect(200).err().unwrap();
        assert_eq!(error.to_string(), "404: gone");
    }
}
