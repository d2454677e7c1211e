//! The response to a failed request, and its log line. All refusals have the same response, and
//! responses to failures have no body.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use switchboard_application::{WebhookError, WebhookFailure};
use switchboard_domain::causes::Causes;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::sid::EventSid;

use crate::body::BodyError;
use crate::response;

/// Why a request did not reach its use case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    /// The body could not be read.
    #[error("the body cannot be read")]
    Body(#[from] BodyError),
    /// The headers are too large.
    #[error("the headers are too large")]
    HeadersTooLarge,
    /// A form in an encoding other than UTF-8, or a body without a content type.
    #[error("the content type is not supported")]
    ContentType,
}

impl ResponseError for RequestError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Body(BodyError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body(BodyError::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyError::Broken) => StatusCode::BAD_REQUEST,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = response::empty(self.status_code());
        // Part of the body may still be on its way; what follows on this connection is not a request.
        response.head_mut().set_connection_type(ConnectionType::Close);
        response
    }
}

/// A request that its use case could not answer.
pub(crate) struct WebhookResponseError(WebhookFailure);

impl WebhookResponseError {
    pub(crate) const fn cause(&self) -> &WebhookError {
        &self.0.error
    }

    /// The account that signed the request; `None` if it is unknown.
    pub(crate) fn account(&self) -> Option<AccountSid> {
        self.0.subject.as_ref().map(|subject| subject.account)
    }

    /// Logs the failure, with the identifiers of the call or message if the request was verified.
    pub(crate) fn log(&self, endpoint: Endpoint) {
        let WebhookFailure { error, subject } = &self.0;
        let event = subject.as_ref().and_then(|subject| subject.event.as_ref());
        let account = subject.as_ref().map(|subject| subject.account);
        macro_rules! log {
            ($level:ident, $message:literal) => {
                tracing::$level!(
                    endpoint = endpoint.as_str(),
                    call.sid = event.and_then(EventSid::call).map(tracing::field::display),
                    message.sid = event.and_then(EventSid::message).map(tracing::field::display),
                    account.sid = account.map(tracing::field::display),
                    error = %Causes(error),
                    $message
                )
            };
        }
        match (error, subject.as_deref()) {
            // Anyone can send an unreadable request, so it is counted, and logged for those who debug only.
            (WebhookError::Unreadable(_), None) => log!(debug, "webhook unreadable"),
            (WebhookError::Unreadable(_), Some(_)) => log!(warn, "webhook unreadable"),
            // The rejection log counts them and writes one line a second, so that a flood cannot flood the log.
            (WebhookError::Refused(_), None) => {}
            (WebhookError::Refused(_), Some(_)) => log!(warn, "webhook refused"),
            (WebhookError::Unavailable(_) | WebhookError::QueueFull, _) => {
                log!(error, "webhook not answered");
            }
            (WebhookError::Failed(_), _) => log!(error, "webhook failed"),
        }
    }
}

impl From<WebhookFailure> for WebhookResponseError {
    fn from(failure: WebhookFailure) -> Self {
        Self(failure)
    }
}

impl fmt::Debug for WebhookResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for WebhookResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl ResponseError for WebhookResponseError {
    fn status_code(&self) -> StatusCode {
        match self.cause() {
            WebhookError::Unreadable(_) => StatusCode::BAD_REQUEST,
            WebhookError::Refused(_) => StatusCode::FORBIDDEN,
            WebhookError::Unavailable(_) | WebhookError::QueueFull => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            WebhookError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    // The framework's own puts the error's text into the body.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        response::empty(self.status_code())
    }
}
