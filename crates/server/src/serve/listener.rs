//! The listening socket. It is closed without resetting connections that wait to be accepted.

use std::io;
#[cfg(feature = "simulator")]
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, SockFilter, SockRef, Socket, Type};

/// The maximum number of connections in the backlog.
const BACKLOG: i32 = 2_048;

/// A listening socket.
pub(crate) struct Bound {
    /// The handle that the server accepts from.
    pub(super) listener: TcpListener,
    /// A second handle, which is used to refuse new connections before the server stops.
    pub(super) handle: TcpListener,
}

#[cfg(feature = "simulator")]
impl Bound {
    /// Returns the address of the socket.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.handle.local_addr()
    }
}

/// Returns the address at which this machine reaches a server: the loopback address if the server
/// listens on all addresses.
#[cfg(feature = "simulator")]
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Binds the address. Connections wait in the backlog until the server accepts them.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let handle = listener.try_clone()?;
    Ok(Bound { listener, handle })
}

/// Makes the kernel drop every further connection request. Closing a socket resets the connections
/// in its backlog, so the backlog must be empty by then. A client whose request is dropped retries
/// after a second and is then refused.
///
/// The filter reads the flags of the TCP header (byte 13) and drops packets with SYN (2) set. If filters cannot be
/// attached, connections may be reset, which is logged.
pub(super) fn refuse_new_connections(listener: &TcpListener) {
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
        tracing::warn!(%error, "connections that are not accepted yet may be reset");
    }
}
