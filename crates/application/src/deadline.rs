//! Deadlines: how long a use case waits for a port, so that Twilio gets a response within 15
//! seconds.

use std::future::Future;
use std::time::Duration;

use switchboard_domain::ports::StoreError;

/// The timeouts of single calls of a port.
///
/// Twilio gives up after 15 seconds in total (Twilio, error 11205). All waits of one request
/// together are shorter, so that Twilio receives the error and tries the fallback URL.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// The timeout of a read.
    pub read: Duration,
    /// The timeout of reading a stale copy again.
    pub reread: Duration,
    /// The timeout of a write that must be stored before the response.
    pub write: Duration,
    /// How long the answer to a message waits for the reply of its agent.
    pub reply: Duration,
    /// How long the handler of one agent may take to answer a call.
    pub handler: Duration,
    /// How long the handlers that are asked one after another for one answer may take together.
    pub handlers: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(3),
            reread: Duration::from_millis(300),
            write: Duration::from_secs(5),
            reply: Duration::from_secs(8),
            handler: Duration::from_secs(5),
            handlers: Duration::from_secs(10),
        }
    }
}

/// The timeout of a call of a port in the background: long enough for a busy store, and short
/// enough to notice soon that the store is available again.
pub(crate) const BEHIND_ANSWERS: Duration = Duration::from_secs(10);

/// Waits for `work` at most for `limit`. A timeout counts as an unavailable store.
pub(crate) async fn within<T>(
    limit: Duration,
    operation: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_elapsed| Err(StoreError::timed_out(operation)))
}
