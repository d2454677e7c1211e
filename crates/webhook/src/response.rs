//! Responses that several endpoints use.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use switchboard_domain::twiml::Twiml;

/// A TwiML answer. Twilio accepts only this content type (Twilio, error 12300).
pub(crate) fn twiml(twiml: Twiml) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8")))
        .body(twiml.into_string())
}

/// A status without a body.
pub(crate) fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::new(status)
}
