//! How long a connection of the public server stays open.
//!
//! A client that keeps its connection open takes the place of another client. Therefore, a
//! connection is closed after many requests or a few minutes, and after its next response while few
//! places are free.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The maximum number of requests of one connection.
const MAX_REQUESTS: u32 = 10_000;
/// The age from which a connection is closed after its next response.
const OLDEST: Duration = Duration::from_secs(300);

/// The open connections of the server.
#[derive(Clone, Debug)]
pub(super) struct OpenConnections {
    count: Arc<AtomicUsize>,
    /// While more than this many connections are open, every response closes its connection.
    crowded: usize,
}

impl OpenConnections {
    /// Creates the counter for a server with this many places.
    pub(super) fn new(places: usize) -> Self {
        Self { count: Arc::default(), crowded: (places - places / 4).max(1) }
    }

    /// Counts a new connection.
    pub(super) fn opened(&self) -> ConnectionAge {
        self.count.fetch_add(1, Ordering::Relaxed);
        ConnectionAge { open: self.clone(), since: Instant::now(), requests: Cell::new(0) }
    }
}

/// The age and the number of requests of a connection. The connection counts as open until this is
/// dropped.
#[derive(Debug)]
pub(super) struct ConnectionAge {
    open: OpenConnections,
    since: Instant,
    requests: Cell<u32>,
}

impl ConnectionAge {
    /// Counts a response, and returns whether the connection closes after it.
    pub(super) fn ends_with_response(&self) -> bool {
        let requests = self.requests.get().saturating_add(1);
        self.requests.set(requests);
        requests >= MAX_REQUESTS
            || self.open.count.load(Ordering::Relaxed) > self.open.crowded
            || self.since.elapsed() >= OLDEST
    }
}

impl Drop for ConnectionAge {
    fn drop(&mut self) {
        self.open.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_REQUESTS, OpenConnections};

    #[test]
    fn a_connection_ends_after_many_requests() {
        let connection = OpenConnections::new(8).opened();
        let kept = (0..MAX_REQUESTS).take_while(|_| !connection.ends_with_response()).count();
        assert_eq!(kept, MAX_REQUESTS as usize - 1);
    }

    #[test]
    fn connections_end_with_each_response_while_few_places_are_left() {
        let open = OpenConnections::new(4);
        let mut connections: Vec<_> = (0..3).map(|_| open.opened()).collect();
        assert!(!connections.iter().any(super::ConnectionAge::ends_with_response));
        connections.push(open.opened());
        assert!(connections.iter().all(super::ConnectionAge::ends_with_response));
        connections.pop();
        assert!(!connections.iter().any(super::ConnectionAge::ends_with_response));
    }
}
