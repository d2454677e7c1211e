//! Why a webhook failed, and which call or message it was about.

use switchboard_domain::field::FieldError;
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::rejection::Refusal;
use switchboard_domain::sid::{AccountSid, EventSid};

/// Why a webhook failed, with the status of the response.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The request cannot be read: 400.
    #[error("the request is unreadable")]
    Unreadable(#[source] FieldError),
    /// The request is refused: always 403.
    #[error("the request is refused: {}", .0.as_str())]
    Refused(Refusal),
    /// The store does not answer in time: 503, so that Twilio tries the fallback URL.
    #[error("the store is unavailable")]
    Unavailable(#[source] StoreError),
    /// The queue of call records is full: 503, so that Twilio reports the failure or retries.
    #[error("the queue of call records is full")]
    QueueFull,
    /// A corrupt row or a bug: 500.
    #[error("the store failed")]
    Failed(#[source] StoreError),
}

impl WebhookError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unavailable(_) | Self::QueueFull => Retry::Later,
            Self::Unreadable(_) | Self::Refused(_) | Self::Failed(_) => Retry::Never,
        }
    }
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

/// A failed webhook, with the identifiers for the log.
#[derive(Debug, thiserror::Error)]
#[error("webhook failed")]
pub struct WebhookFailure {
    /// The cause.
    #[source]
    pub error: WebhookError,
    /// The account and the call or message; `None` until the request is verified, because an
    /// unverified request can name any call.
    pub subject: Option<Box<Subject>>,
}

impl WebhookFailure {
    /// A request that failed before it was verified.
    pub(crate) fn unverified(error: impl Into<WebhookError>) -> Self {
        Self { error: error.into(), subject: None }
    }
}

/// The account and the call or message of a verified request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The verified account.
    pub account: AccountSid,
    /// The call or message; `None` if the request contains no valid SID.
    pub event: Option<EventSid>,
}
