//! Why an attempt failed, and whether another attempt can succeed.

use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::{AttemptDetail, AttemptOutcome};
use switchboard_domain::ports::{EndpointError, Retry, StoreError};
use switchboard_domain::web_address::WebUrl;

use crate::signing_secrets::SecretError;

/// Why an attempt at an endpoint or chat model failed.
pub(crate) struct FailedAttempt {
    pub(crate) outcome: AttemptOutcome,
    /// The URL that was called; `None` if none was.
    pub(crate) endpoint: Option<WebUrl>,
    pub(crate) code: Option<u32>,
    pub(crate) detail: Option<AttemptDetail>,
    /// The error with its causes, for the log.
    pub(crate) cause: Option<String>,
    pub(crate) retry: Retry,
    pub(crate) retry_after: Option<Duration>,
}

impl FailedAttempt {
    pub(crate) fn never(outcome: AttemptOutcome, detail: &str) -> Self {
        let detail = Some(AttemptDetail::new(detail));
        Self {
            outcome,
            endpoint: None,
            code: None,
            detail,
            cause: None,
            retry: Retry::Never,
            retry_after: None,
        }
    }

    /// An attempt that failed at this URL.
    pub(crate) fn at(endpoint: &WebUrl) -> impl FnOnce(EndpointError) -> Self {
        |error| Self { endpoint: Some(endpoint.clone()), ..error.into() }
    }

    /// What the attempt says about its target: whether it answers; `None` if nothing. A status by which the same request is
    /// refused for good is an answer.
    pub(crate) const fn target_answers(&self) -> Option<bool> {
        match (self.outcome, self.retry) {
            (AttemptOutcome::BadStatus, Retry::Never) => Some(true),
            (outcome, _) => outcome.target_answers(),
        }
    }

    /// The time for which the target wants no requests at all; `None` if it does not say so.
    pub(crate) fn pause(&self) -> Option<Duration> {
        self.retry_after.filter(|_| matches!(self.code, Some(429 | 503)))
    }

    pub(crate) fn later(outcome: AttemptOutcome, detail: &str) -> Self {
        Self { retry: Retry::Later, ..Self::never(outcome, detail) }
    }
}

impl From<StoreError> for FailedAttempt {
    fn from(error: StoreError) -> Self {
        let (outcome, cause) = (AttemptOutcome::StoreUnavailable, Causes(&error).to_string());
        let cause = Some(format!("the delivery could not be prepared: {cause}"));
        Self {
            outcome,
            endpoint: None,
            code: None,
            detail: None,
            cause,
            retry: Retry::Later,
            retry_after: None,
        }
    }
}

impl From<SecretError> for FailedAttempt {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Store(error) => error.into(),
            SecretError::Removed | SecretError::Changed => {
                let detail = "the secret of the endpoint was changed at the same time";
                Self::later(AttemptOutcome::NoTarget, detail)
            }
            SecretError::Seal(_) | SecretError::Open(_) => {
                let detail = "a secret of the endpoint cannot be decrypted";
                let cause = Some(Causes(&error).to_string());
                // Another process can have the key.
                Self { cause, ..Self::later(AttemptOutcome::NoTarget, detail) }
            }
        }
    }
}

impl From<EndpointError> for FailedAttempt {
    fn from(error: EndpointError) -> Self {
        let (outcome, code, retry_after) = match &error {
            EndpointError::Unreachable { .. } | EndpointError::Disconnected { .. } => {
                (AttemptOutcome::Unreachable, None, None)
            }
            EndpointError::TimedOut => (AttemptOutcome::TimedOut, None, None),
            EndpointError::AtLimit => (AttemptOutcome::AtLimit, None, None),
            EndpointError::Invalid { .. } => (AttemptOutcome::InvalidResponse, None, None),
            EndpointError::AddressRefused { .. } => (AttemptOutcome::AddressRefused, None, None),
            EndpointError::Status { status, retry_after } => {
                let outcome = match status {
                    410 => AttemptOutcome::Gone,
                    429 => AttemptOutcome::RateLimited,
                    _ => AttemptOutcome::BadStatus,
                };
                (outcome, Some(u32::from(*status)), *retry_after)
            }
        };
        let detail = match &error {
            EndpointError::Invalid { what } => {
                Some(AttemptDetail::new(&format!("the response {what}")))
            }
            EndpointError::AddressRefused { what } => Some(AttemptDetail::new(what)),
            EndpointError::Unreachable { source } | EndpointError::Disconnected { source } => {
                Some(AttemptDetail::new(&Causes(source.as_ref()).to_string()))
            }
            EndpointError::TimedOut | EndpointError::AtLimit | EndpointError::Status { .. } => None,
        };
        Self {
            outcome,
            endpoint: None,
            code,
            detail,
            cause: None,
            retry: error.retry(),
            retry_after,
        }
    }
}
