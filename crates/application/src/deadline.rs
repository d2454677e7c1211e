//! How long a use case waits for a port, so that an answer leaves within Twilio's 15 seconds.

use std::future::Future;
use std::time::Duration;

use switchboard_domain::ports::StoreError;

/// The longest waits, each for one call of a port.
///
/// Twilio gives up after 15 seconds in all (Twilio, error 11205); the sum of what one request may wait
/// for stays far below, so that the refusal still reaches it and the fallback URL is asked.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For one read.
    pub read: Duration,
    /// For reading again what is known but old.
    pub reread: Duration,
    /// For one write that must be kept before the answer.
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

/// The longest wait for one call of a port that no answer waits for: long enough for a busy store, and short
/// enough that a store which comes back is noticed.
pub(crate) const BEHIND_ANSWERS: Duration = Duration::from_secs(10);

/// Waits for `work` no longer than `limit`; longer counts as a store that is away.
pub(crate) async fn within<T>(
    limit: Duration,
    operation: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_elapsed| Err(StoreError::timed_out(operation)))
}
