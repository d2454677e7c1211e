//! The socket that listens, and how it is closed without dropping anybody who waits in it.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, SockFilter, SockRef, Socket, Type};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 2_048;

/// What every Linux has, and lets everybody choose.
const CONGESTION_CONTROL: &[u8] = b"reno";

/// A socket that listens.
pub(super) struct Bound {
    /// Is served.
    pub(super) listener: TcpListener,
    /// A second handle, kept to close the endpoint before the server stops.
    pub(super) kept: TcpListener,
}

/// Binds the address. Who connects waits until somebody accepts.
pub(super) fn bind(address: SocketAddr) -> io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    // An answer fits into what is sent at once. Where the machine's own choice is one that paces, as BBR does, it
    // would set a timer for each. A system that lets nobody choose does without.
    let _as_it_was = socket.set_tcp_congestion(CONGESTION_CONTROL);
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let kept = listener.try_clone()?;
    Ok(Bound { listener, kept })
}

/// Lets the kernel drop every further request to connect, so that nobody is let into the queue of a socket
/// that is about to close: closing it would reset him although he was connected. Who is dropped asks again
/// after a second, and is refused by then.
///
/// The filter looks at the flags of the TCP header (byte 13) and drops what has SYN (2) set. Where filters
/// cannot be attached, some connections may be reset, which is told.
pub(super) fn let_nobody_in(listener: &TcpListener) {
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    let filter = [
        SockFilter::new(LOAD_BYTE, 0, 0, 13),
        SockFilter::new(JUMP_IF_SET, 0, 1, 2),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&filter) {
        tracing::warn!(%error, "connections may be reset that nobody has accepted yet");
    }
}
