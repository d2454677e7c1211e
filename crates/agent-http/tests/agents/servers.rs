//! Mock servers: misbehaving ones, and ones with certificates.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{HandshakeKind, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_rustls::TlsAcceptor;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut about = CertificateParams::new(Vec::new()).unwrap();
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        about.distinguished_name.push(DnType::CommonName, "test authority");
        Self(CertifiedIssuer::self_signed(about, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// TLS settings with a certificate for `name` that expires on January 1 of the year `until`.
    pub(crate) fn identity(&self, name: &str, until: i32) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut about = CertificateParams::new(vec![name.to_owned()]).unwrap();
        about.not_after = date_time_ymd(until, 1, 1);
        let certificate = about.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// A port without a listener. It stays reserved while the socket exists.
pub(crate) fn closed_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

pub(crate) async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A server that responds to each request with `opening` and keeps the connection open. The receiver gets a message per
/// request.
pub(crate) async fn halting(opening: &'static str) -> (SocketAddr, UnboundedReceiver<()>) {
    let (listener, address) = listener().await;
    let (came, coming) = unbounded_channel();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            read_until(&mut connection, END_OF_HEAD).await;
            connection.write_all(opening.as_bytes()).await.unwrap();
            held.push(connection);
            // Some tests drop the receiver.
            let _sent = came.send(());
        }
    });
    (address, coming)
}

/// A server with an endless response.
pub(crate) async fn endless() -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            read_until(&mut connection, END_OF_HEAD).await;
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".as_bytes();
            let chunk = format!("400\r\n{}\r\n", " ".repeat(0x400));
            let mut written = connection.write_all(head).await;
            while written.is_ok() {
                written = connection.write_all(chunk.as_bytes()).await;
            }
        }
    });
    address
}

/// A server that accepts one connection and responds to every request on it with an agent.
pub(crate) async fn taking_one_connection() -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        drop(listener);
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"agent\":\"sales\"}";
        loop {
            // The end of a request body.
            read_until(&mut connection, b"]}").await;
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

/// A completed TLS handshake, as seen by the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// The server name (SNI).
    pub(crate) name: Option<String>,
    /// Whether the session was not resumed.
    pub(crate) is_full: bool,
}

/// A TLS server that responds to every request with an agent. The receiver gets each completed handshake.
pub(crate) async fn behind_tls(
    identity: Arc<ServerConfig>,
) -> (SocketAddr, UnboundedReceiver<Handshake>) {
    let (listener, address) = listener().await;
    let (called, calling) = unbounded_channel();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(identity);
        while let Ok((connection, _)) = listener.accept().await {
            // Clients that do not trust the certificate abort the handshake.
            let Ok(mut connection) = acceptor.accept(connection).await else { continue };
            let session = connection.get_ref().1;
            let name = session.server_name().map(str::to_owned);
            let is_full = session.handshake_kind() == Some(HandshakeKind::Full);
            called.send(Handshake { name, is_full }).unwrap();
            let mut request = [0; 4_096];
            if connection.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
                let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 17\r\n\r\n\
                    {\"agent\":\"sales\"}";
                connection.write_all(answer.as_bytes()).await.unwrap();
                connection.shutdown().await.unwrap();
            }
        }
    });
    (address, calling)
}

async fn read_until(connection: &mut TcpStream, end: &[u8]) {
    let mut request = Vec::new();
    while !request.windows(end.len()).any(|bytes| bytes == end) {
        let read = connection.read_buf(&mut request).await.unwrap();
        assert!(read > 0, "the request is incomplete");
    }
}
