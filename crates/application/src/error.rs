//! The ways in which a webhook is not answered.

use switchboard_domain::field::FieldError;
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::rejection::Refusal;

/// Why a request gets no answer of its own.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The request cannot be read: 400.
    #[error("unreadable request")]
    Unreadable(#[source] FieldError),
    /// The request is refused: 403, whatever the reason.
    #[error("request refused: {}", .0.as_str())]
    Refused(Refusal),
    /// The store is away or too slow: 503, so that Twilio asks the fallback URL.
    #[error("store away")]
    Unavailable(#[source] StoreError),
    /// A corrupt row or a bug: 500.
    #[error("store failed")]
    Failed(#[source] StoreError),
}

impl From<FieldError> for WebhookError {
    fn from(error: FieldError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<StoreError> for WebhookError {
    fn from(error: StoreError) -> Self {
        match error.retry() {
            Retry::Later => Self::Unavailable(error),
            Retry::Never => Self::Failed(error),
        }
    }
}
