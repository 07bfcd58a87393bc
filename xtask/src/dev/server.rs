//! The server as a process of its own.

use std::env;
use std::io::{self, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use cargo_metadata::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use crate::cargo;

/// Builds `jbl-chat` and says where it lies.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    build_with(&[])
}

/// The same as it is run for real.
pub(crate) fn build_release() -> anyhow::Result<PathBuf> {
    build_with(&["--release"])
}

fn build_with(options: &[&str]) -> anyhow::Result<PathBuf> {
    let mut command = cargo(["build", "--package", "server", "--bin", "jbl-chat"]);
    command
        .arg("--message-format=json-render-diagnostics")
        .args(options);
    let mut child = command
        .as_std_mut()
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let messages = child.stdout.take().context("no output to read")?;
    let mut binary = None;
    for message in Message::parse_stream(BufReader::new(messages)) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.target.name == "jbl-chat"
        {
            binary = artifact.executable;
        }
    }
    ensure!(child.wait()?.success(), "jbl-chat does not build");
    Ok(binary.context("cargo built no jbl-chat")?.into())
}

/// `jbl-chat serve` on the given database; all other settings are taken from the environment.
pub(crate) fn command(binary: &Path, database_url: &str) -> Command {
    let mut command = Command::new(binary);
    command.arg("serve").env("DATABASE_URL", database_url);
    command
}

/// Where the server will listen, by the same setting and default as its own.
pub(crate) fn listen_address() -> String {
    env::var("LISTEN_ADDR").unwrap_or_else(|_| "127.0.0.1:8000".to_owned())
}

/// The address for a browser.
pub(crate) fn public_url(address: &str) -> String {
    env::var("PUBLIC_URL").unwrap_or_else(|_| format!("http://{}", reachable(address)))
}

/// Fails when something listens there already, which else would be taken for our server; `setting`
/// is what chooses another address.
pub(crate) fn ensure_free(address: &str, setting: &str) -> anyhow::Result<()> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            bail!("{address} is in use: end what listens there or set {setting}")
        }
        // Whatever else is wrong with the address, the server says it better.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Waits until the server at `address` answers that it is alive.
pub(crate) async fn is_alive(address: &str) {
    is_answered(address, "/healthz").await;
}

/// Waits until the server at `address` answers that it has all it needs.
pub(crate) async fn is_ready(address: &str) {
    is_answered(address, "/readyz").await;
}

async fn is_answered(address: &str, path: &str) {
    let address = reachable(address);
    while !matches!(ask(&address, path).await, Ok(true)) {
        sleep(Duration::from_millis(50)).await;
    }
}

async fn ask(address: &str, path: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(answer == *b"HTTP/1.1 200")
}

/// An address that can be connected to: "every interface" is none.
fn reachable(address: &str) -> String {
    address
        .replace("0.0.0.0:", "127.0.0.1:")
        .replace("[::]:", "[::1]:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_means_everywhere_is_reached_on_this_machine() {
        assert_eq!(reachable("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(reachable("[::]:80"), "[::1]:80");
        assert_eq!(reachable("10.0.0.7:80"), "10.0.0.7:80");
    }

    #[test]
    fn an_address_in_use_is_refused_before_the_server_starts() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        assert!(ensure_free(&address, "LISTEN_ADDR").is_err());
        drop(taken);
        assert!(ensure_free(&address, "LISTEN_ADDR").is_ok());
    }

    #[tokio::test]
    async fn a_server_is_alive_when_it_answers_200_and_not_before() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = async {
            for status in ["503 Service Unavailable", "200 OK"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        };
        tokio::join!(server, is_alive(&address));
    }
}
