//! Connections that may lack TLS: a server that asks for the password in clear text does not get it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The request for TLS (PostgreSQL, "Message Formats": `SSLRequest`).
const REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// The messages by which a server asks for a password or accepts us.
const AUTHENTICATION: u8 = b'R';
const ACCEPTED: u32 = 0;
const CLEARTEXT_PASSWORD: u32 = 3;

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Why the password is not sent.
#[derive(Debug, thiserror::Error)]
#[error("the server asks for the password in clear text, and the connection has no TLS")]
struct Cleartext;

/// Asks the server for TLS, unless there is none to ask for, and watches a connection without it.
///
/// tokio-postgres calls it where it would begin TLS, as with `sslnegotiation=direct`.
#[derive(Clone)]
pub(super) struct GuardedConnect {
    tls: Option<MakeRustlsConnect>,
}

impl GuardedConnect {
    pub(super) const fn new(tls: Option<MakeRustlsConnect>) -> Self {
        Self { tls }
    }
}

impl MakeTlsConnect<Socket> for GuardedConnect {
    type Stream = GuardedStream;
    type TlsConnect = Negotiation;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Negotiation, io::Error> {
        Ok(Negotiation { tls: self.tls.clone(), domain: domain.to_owned() })
    }
}

/// One negotiation.
pub(super) struct Negotiation {
    tls: Option<MakeRustlsConnect>,
    domain: String,
}

impl TlsConnect<Socket> for Negotiation {
    type Stream = GuardedStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<GuardedStream>> + Send>>;

    fn connect(self, mut stream: Socket) -> Self::Future {
        Box::pin(async move {
            let Self { tls, domain } = self;
            let Some(mut tls) = tls else { return Ok(GuardedStream::plain(stream)) };
            stream.write_all(&REQUEST).await?;
            let mut answer = [0];
            stream.read_exact(&mut answer).await?;
            if answer != *b"S" {
                return Ok(GuardedStream::plain(stream));
            }
            let connect = MakeTlsConnect::<Socket>::make_tls_connect(&mut tls, &domain);
            let encrypted = connect.map_err(io::Error::other)?.connect(stream).await?;
            Ok(GuardedStream::Encrypted(Box::new(encrypted)))
        })
    }
}

/// A connection with TLS, or a watched one without.
pub(super) enum GuardedStream {
    Encrypted(Box<Encrypted>),
    Plain(Watched<Socket>),
}

impl GuardedStream {
    const fn plain(stream: Socket) -> Self {
        Self::Plain(Watched { stream, watch: Watch::new() })
    }
}

impl TlsStream for GuardedStream {
    fn channel_binding(&self) -> ChannelBinding {
        match self {
            Self::Encrypted(stream) => stream.channel_binding(),
            Self::Plain(_) => ChannelBinding::none(),
        }
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
            Self::Plain(stream) => Pin::new(&mut stream.stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
            Self::Plain(stream) => Pin::new(&mut stream.stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
            Self::Plain(stream) => Pin::new(&mut stream.stream).poll_shutdown(cx),
        }
    }
}

/// A stream that fails before the request for a password in clear text is read.
pub(super) struct Watched<S> {
    stream: S,
    watch: Watch,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, watch } = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(stream).poll_read(cx, buf))?;
        if watch.sees_cleartext(buf.filled().get(before..).unwrap_or_default()) {
            return Poll::Ready(Err(io::Error::other(Cleartext)));
        }
        Poll::Ready(Ok(()))
    }
}

/// Follows the server's messages until it has accepted us.
struct Watch {
    kind: u8,
    /// How many bytes of a message were read: its kind, its length and, of those about authentication, the code.
    read: usize,
    length: usize,
    /// The last four bytes that were read.
    number: u32,
    /// What is left of a message that says nothing here.
    skip: usize,
    is_over: bool,
}

impl Watch {
    const fn new() -> Self {
        Self { kind: 0, read: 0, length: 0, number: 0, skip: 0, is_over: false }
    }

    /// Whether these bytes, the next ones of the server, ask for the password in clear text.
    fn sees_cleartext(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            if self.is_over {
                return false;
            }
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            if self.read == 0 {
                self.kind = *byte;
            }
            self.number = (self.number << 8) | u32::from(*byte);
            self.read += 1;
            match self.read {
                5 => {
                    // It counts itself, but not the kind.
                    self.length = self.number as usize;
                    if self.kind != AUTHENTICATION || self.length < 8 {
                        self.read = 0;
                        self.skip = self.length.saturating_sub(4);
                    }
                }
                9 => {
                    if self.number == CLEARTEXT_PASSWORD {
                        return true;
                    }
                    self.is_over = self.number == ACCEPTED;
                    self.read = 0;
                    self.skip = self.length.saturating_sub(8);
                }
                _ => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;

    fn message(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len() + 4).unwrap();
        [&[kind], &length.to_be_bytes()[..], payload].concat()
    }

    #[test]
    fn only_a_request_for_a_password_in_clear_text_is_seen() {
        let cleartext = message(b'R', &[0, 0, 0, 3]);
        let scram = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0");
        let md5 = message(b'R', &[0, 0, 0, 5, 1, 2, 3, 4]);
        let accepted = message(b'R', &[0; 4]);
        let notice = message(b'N', b"SR\0\0\0\x03\0");
        for (messages, expected) in [
            (vec![&cleartext], true),
            (vec![&notice, &cleartext], true),
            (vec![&scram, &md5, &cleartext], true),
            (vec![&scram, &accepted], false),
            (vec![&notice, &md5], false),
            // After that, rows may hold anything.
            (vec![&accepted, &cleartext], false),
        ] {
            let bytes: Vec<u8> = messages.into_iter().flatten().copied().collect();
            for size in 1..=bytes.len() {
                let mut watch = Watch::new();
                let sees = bytes.chunks(size).any(|chunk| watch.sees_cleartext(chunk));
                assert_eq!(sees, expected, "{bytes:?} by {size}");
            }
        }
    }
}
