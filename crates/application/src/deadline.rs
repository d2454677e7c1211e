//! Deadlines: how long a use case waits for a port, so that an answer leaves within Twilio's 15 seconds.

use std::future::Future;
use std::time::Duration;

use switchboard_domain::ports::StoreError;

/// The longest waits, each for one call of a port.
///
/// Twilio gives up after 15 seconds in all (Twilio, error 11205). All waits of one request together stay below, so that the
/// failure still reaches Twilio, which then tries the fallback URL.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For one read.
    pub read: Duration,
    /// For reading a stale copy again.
    pub reread: Duration,
    /// For one write that must be stored before the answer.
    pub write: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(3),
            reread: Duration::from_millis(300),
            write: Duration::from_secs(5),
        }
    }
}

/// The longest wait for one call of a port in the background: long enough for a busy store, and short enough to notice that
/// the store is back.
pub(crate) const BEHIND_ANSWERS: Duration = Duration::from_secs(10);

/// Waits for `work` at most `limit`; a time-out counts as an unavailable store.
pub(crate) async fn within<T>(
    limit: Duration,
    operation: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_elapsed| Err(StoreError::timed_out(operation)))
}
