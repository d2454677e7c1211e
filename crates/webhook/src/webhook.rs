//! Extracts a webhook from an HTTP request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use switchboard_application::{ClaimedHosts, Parameters, WebhookRequest};

use crate::body::{BodyLimits, ReadBody, Reserved};
use crate::error::RequestError;
use crate::state::AppState;

const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

const TWILIOS_FORM: &[u8] = b"application/x-www-form-urlencoded; charset=UTF-8";

/// A webhook with its complete body.
pub(crate) struct Webhook {
    http: HttpRequest,
    body: Bytes,
    kind: BodyKind,
    _reserved: Reserved,
}

#[derive(Clone, Copy)]
enum BodyKind {
    Form,
    None,
    Other,
}

impl Webhook {
    /// Returns the webhook in the form that the use cases take.
    pub(crate) fn request(&self) -> WebhookRequest<'_> {
        WebhookRequest {
            target: self.http.uri().path_and_query().map_or("/", |target| target.as_str()),
            parameters: match self.kind {
                BodyKind::Form => Parameters::Form(&self.body),
                BodyKind::None => Parameters::Query,
                BodyKind::Other => Parameters::Body(&self.body),
            },
            signature: only_header(self.http.headers(), &SIGNATURE),
            hosts: self,
        }
    }
}

impl ClaimedHosts for Webhook {
    fn claimed_hosts(&self) -> Vec<String> {
        let values = [HOST, FORWARDED_HOST].map(|name| self.http.headers().get(name));
        values
            .into_iter()
            .flatten()
            .filter_map(|value| value.to_str().ok())
            .map(str::to_owned)
            .collect()
    }
}

impl FromRequest for Webhook {
    type Error = RequestError;
    type Future = ReadWebhook;

    fn from_request(http: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = http.app_data::<Data<AppState>>();
        let limits = state.map_or_else(BodyLimits::default, |state| state.limits);
        let reserved = Reserved::of(state.map(|state| Arc::clone(&state.budget)));
        let refused = (header_bytes(http.headers()) > limits.header_bytes)
            .then_some(RequestError::HeadersTooLarge);
        ReadWebhook {
            http: http.clone(),
            body: ReadBody::new(payload.take(), limits, reserved),
            refused,
        }
    }
}

/// Reads a webhook.
pub(crate) struct ReadWebhook {
    http: HttpRequest,
    body: ReadBody,
    refused: Option<RequestError>,
}

impl Future for ReadWebhook {
    type Output = Result<Webhook, RequestError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(error) = self.refused.take() {
            return Poll::Ready(Err(error));
        }
        let body = ready!(Pin::new(&mut self.body).poll(context))?;
        let reserved = self.body.take_reserved();
        let kind = body_kind(&self.http, &body)?;
        Poll::Ready(Ok(Webhook { http: self.http.clone(), body, kind, _reserved: reserved }))
    }
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// The value of a header that occurs exactly once and is text.
fn only_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn body_kind(http: &HttpRequest, body: &Bytes) -> Result<BodyKind, RequestError> {
    if matches!(*http.method(), Method::GET | Method::HEAD) {
        return Ok(BodyKind::None);
    }
    let Some(content_type) = http.headers().get(CONTENT_TYPE) else {
        return if body.is_empty() { Ok(BodyKind::None) } else { Err(RequestError::ContentType) };
    };
    // Twilio nearly always writes it exactly so.
    if content_type.as_bytes().eq_ignore_ascii_case(TWILIOS_FORM) {
        return Ok(BodyKind::Form);
    }
    let content_type = content_type.to_str().map_err(|_not_text| RequestError::ContentType)?;
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(BodyKind::Other);
    }
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    match charset {
        Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => Err(RequestError::ContentType),
        _ => Ok(BodyKind::Form),
    }
}
