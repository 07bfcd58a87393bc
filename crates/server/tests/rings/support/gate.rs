use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The way to the `PostgreSQL` server, which can be shut: then every connection breaks and no new
/// one is taken.
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    server: String,
    passing: JoinHandle<()>,
}

impl Gate {
    pub(crate) async fn to_postgres() -> Self {
        let url = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is not set");
        let url = url::Url::parse(&url).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        Self::at("127.0.0.1:0".parse().unwrap(), server).await
    }

    async fn at(address: SocketAddr, server: String) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let passing = tokio::spawn(pass(listener, server.clone()));
        Self {
            address,
            server,
            passing,
        }
    }

    pub(crate) async fn shut(mut self) -> Self {
        self.passing.abort();
        assert!((&mut self.passing).await.unwrap_err().is_cancelled());
        self
    }

    pub(crate) async fn open(self) -> Self {
        Self::at(self.address, self.server).await
    }
}

/// Ends every connection when it is dropped.
async fn pass(listener: TcpListener, server: String) {
    let mut connections = JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let server = server.clone();
        connections.spawn(async move {
            let mut far = TcpStream::connect(server).await.unwrap();
            // Either end may break off.
            drop(copy_bidirectional(&mut near, &mut far).await);
        });
    }
}
