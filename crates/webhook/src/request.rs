//! From an HTTP request to a webhook as the use cases take it.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use actix_web::web::{Bytes, Payload};
use switchboard_application::{Parameters, WebhookRequest};

use crate::body::{self, BodyError, BodyLimits};

const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

const TWILIOS_FORM: &[u8] = b"application/x-www-form-urlencoded; charset=UTF-8";

/// Why a request does not reach its use case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// The body could not be read.
    Body(BodyError),
    /// The headers are too large.
    HeadersTooLarge,
    /// A form in another encoding than UTF-8, or a body that does not say what it is.
    ContentType,
}

/// The parts of a request that outlive its reading.
pub(crate) struct Received {
    body: Bytes,
    kind: BodyKind,
}

#[derive(Clone, Copy)]
enum BodyKind {
    Form,
    None,
    Other,
}

impl Received {
    pub(crate) async fn read(
        request: &HttpRequest,
        payload: Payload,
        limits: &BodyLimits,
    ) -> Result<Self, RequestError> {
        if header_bytes(request.headers()) > limits.header_bytes {
            return Err(RequestError::HeadersTooLarge);
        }
        let body = body::read(payload, limits).await.map_err(RequestError::Body)?;
        let kind = if request.method() == Method::GET {
            BodyKind::None
        } else {
            body_kind(request, &body)?
        };
        Ok(Self { body, kind })
    }

    /// Calls `with` with the webhook.
    pub(crate) fn webhook<'a>(
        &'a self,
        request: &'a HttpRequest,
        hosts: &'a dyn Fn() -> Vec<String>,
    ) -> WebhookRequest<'a> {
        WebhookRequest {
            target: request.uri().path_and_query().map_or("/", |target| target.as_str()),
            parameters: match self.kind {
                BodyKind::Form => Parameters::Form(&self.body),
                BodyKind::None => Parameters::Query,
                BodyKind::Other => Parameters::Body(&self.body),
            },
            signature: only_header(request.headers(), &SIGNATURE),
            hosts,
        }
    }
}

/// The hosts that the headers name: for saying why a signature failed, never for checking it.
pub(crate) fn claimed_hosts(request: &HttpRequest) -> Vec<String> {
    let values = [HOST, FORWARDED_HOST].map(|name| request.headers().get(name));
    values
        .into_iter()
        .flatten()
        .filter_map(|value| value.to_str().ok())
        .map(str::to_owned)
        .collect()
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// The value of a header that is there exactly once, and is text.
fn only_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn body_kind(request: &HttpRequest, body: &Bytes) -> Result<BodyKind, RequestError> {
    let Some(content_type) = request.headers().get(CONTENT_TYPE) else {
        return if body.is_empty() { Ok(BodyKind::None) } else { Err(RequestError::ContentType) };
    };
    // As Twilio writes it, nearly always.
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
