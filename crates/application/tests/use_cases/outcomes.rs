//! What came of a webhook, where a test expects no answer.

use switchboard_application::WebhookError;
use switchboard_domain::rejection::Refusal;

/// Why a request was refused; a panic where it was not.
#[track_caller]
pub(crate) fn refusal<T>(result: Result<T, WebhookError>) -> Refusal {
    match result {
        Err(WebhookError::Refused(refusal)) => refusal,
        Err(other) => panic!("not refused but: {other:?}"),
        Ok(_) => panic!("answered"),
    }
}

/// Whether the store was away; a panic where anything else came out.
#[track_caller]
pub(crate) fn assert_unavailable<T>(result: Result<T, WebhookError>) {
    match result {
        Err(WebhookError::Unavailable(_) | WebhookError::QueueFull) => {}
        Err(other) => panic!("not unavailable but: {other:?}"),
        Ok(_) => panic!("answered"),
    }
}

/// Whether the request could not be read; a panic where anything else came out.
#[track_caller]
pub(crate) fn assert_unreadable<T>(result: Result<T, WebhookError>) {
    match result {
        Err(WebhookError::Unreadable(_)) => {}
        Err(other) => panic!("not unreadable but: {other:?}"),
        Ok(_) => panic!("answered"),
    }
}
