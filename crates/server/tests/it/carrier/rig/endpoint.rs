//! A public URL of this machine, known before the server behind it listens: what comes there goes to it, as through any
//! proxy.

use std::sync::{Arc, OnceLock};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// A public URL of this machine.
pub(crate) struct Endpoint {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    server: Arc<OnceLock<String>>,
}

impl Endpoint {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(OnceLock::<String>::new());
        let behind = Arc::clone(&server);
        tokio::spawn(async move {
            while let Ok((mut outside, _)) = listener.accept().await {
                let Some(address) = behind.get().cloned() else { continue };
                tokio::spawn(async move {
                    let mut inside = TcpStream::connect(address).await?;
                    copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        Self { url, server }
    }

    /// The server listens at this address.
    pub(crate) fn opens_to(&self, address: String) {
        self.server.set(address).unwrap();
    }
}
