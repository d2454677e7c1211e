//! Responses that several endpoints use.

use std::convert::Infallible;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::web::Bytes;
use switchboard_application::ReplyOffer;
use switchboard_domain::twiml::Twiml;

/// The answer to a request whose body is not read: what follows it on this connection is not a request.
pub(crate) fn refused_unread() -> HttpResponse {
    let mut refused = empty(StatusCode::FORBIDDEN);
    refused.head_mut().set_connection_type(ConnectionType::Close);
    refused
}

/// A TwiML answer. Twilio accepts only this content type (Twilio, error 12300).
pub(crate) fn twiml(twiml: Twiml) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8")))
        .body(twiml.into_string())
}

/// A TwiML answer that contains replies.
pub(crate) fn twiml_with(twiml: Twiml, offer: ReplyOffer) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8")))
        .body(OfferedBody { body: Bytes::from(twiml.into_string()), offer: Some(offer) })
}

/// The body of an answer with replies. They count as sent when the connection takes the body; one that is dropped before
/// withdraws them.
struct OfferedBody {
    body: Bytes,
    offer: Option<ReplyOffer>,
}

impl MessageBody for OfferedBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.body.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let Some(offer) = self.offer.take() else { return Poll::Ready(None) };
        offer.answered();
        Poll::Ready(Some(Ok(take(&mut self.body))))
    }
}

/// A status without a body.
pub(crate) fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::new(status)
}
