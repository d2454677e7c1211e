//! The failure of a webhook, for tests that expect no answer.

use switchboard_application::WebhookError;
use switchboard_domain::rejection::Refusal;

/// Returns why a request was refused. Panics if it was not refused.
#[track_caller]
pub(crate) fn refusal<T>(result: Result<T, WebhookError>) -> Refusal {
    match result {
        Err(WebhookError::Refused(refusal)) => refusal,
        Err(other) => panic!("not refused but: {other:?}"),
        Ok(_) => panic!("answered"),
    }
}

/// Asserts that the store or the queue was unavailable. Panics on any other result.
#[track_caller]
pub(crate) fn assert_unavailable<T>(result: Result<T, WebhookError>) {
    match result {
        Err(WebhookError::Unavailable(_) | WebhookError::QueueFull) => {}
        Err(other) => panic!("not unavailable but: {other:?}"),
        Ok(_) => panic!("answered"),
    }
}

/// Asserts that the request could not be read. Panics on any other result.
#[track_caller]
pub(crate) fn assert_unreadable<T>(result: Result<T, WebhookError>) {
    match result {
        Err(WebhookError::Unreadable(_)) => {}
        Err(other) => panic!("not unreadable but: {other:?}"),
        Ok(_) => panic!("answered"),
    }
}
