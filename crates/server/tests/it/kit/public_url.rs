//! A public URL of this machine, known before the server behind it listens: a proxy passes on what comes.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// A proxy in front of a server.
pub(crate) struct PublicUrl {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    server: Arc<OnceLock<SocketAddr>>,
}

impl PublicUrl {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(OnceLock::new());
        let behind = Arc::clone(&server);
        tokio::spawn(async move {
            while let Ok((mut outside, _)) = listener.accept().await {
                let Some(address) = behind.get().copied() else { continue };
                tokio::spawn(async move {
                    let mut inside = TcpStream::connect(address).await?;
                    copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        Self { url, server }
    }

    /// Passes connections on to the server at this address.
    pub(crate) fn leads_to(&self, address: SocketAddr) {
        self.server.set(address).unwrap();
    }
}
