//! What Twilio, and strangers, are told. Outside, every refusal looks the same, and no error has a body.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use switchboard_application::WebhookError;
use switchboard_domain::causes::Causes;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::twiml::Twiml;

use crate::body::BodyError;
use crate::request::RequestError;

/// A TwiML answer. Twilio takes the type literally (Twilio, error 12300).
pub(crate) fn twiml(twiml: Twiml) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8")))
        .body(twiml.into_string())
}

/// A status without a body.
pub(crate) fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::new(status)
}

/// A request that never reached its use case.
pub(crate) fn unfit(unfit: RequestError) -> HttpResponse {
    let status = match unfit {
        RequestError::Body(BodyError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        RequestError::Body(BodyError::TooSlow) => StatusCode::REQUEST_TIMEOUT,
        RequestError::Body(BodyError::Broken) => StatusCode::BAD_REQUEST,
        RequestError::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        RequestError::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
    };
    let mut response = empty(status);
    // Part of the body may still be on its way; what follows on this connection is not a request.
    response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    response
}

/// A request that its use case did not answer. Each failure is logged here, once.
pub(crate) fn closed(endpoint: Endpoint, closed: &WebhookError) -> HttpResponse {
    let error = Causes(closed);
    match closed {
        // Anybody can send what cannot be read, so it is counted, and told of only to who asks for details.
        WebhookError::Unreadable(_) => {
            tracing::debug!(endpoint = endpoint.as_str(), %error, "request unreadable");
            empty(StatusCode::BAD_REQUEST)
        }
        // The rejection log tells of refusals, counted, so that a flood of them cannot flood the log.
        WebhookError::Refused(_) => empty(StatusCode::FORBIDDEN),
        WebhookError::Unavailable(_) => {
            tracing::error!(endpoint = endpoint.as_str(), %error, "request not answered");
            empty(StatusCode::SERVICE_UNAVAILABLE)
        }
        WebhookError::Failed(_) => {
            tracing::error!(endpoint = endpoint.as_str(), %error, "request failed");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
