//! One attempt to call a URL, including redirects.

use std::error::Error;
use std::io;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use switchboard_domain::signature::{SigningKey, sign_url};
use url::Url;

use super::response::WebhookResponse;
use super::url_override::host_header;
use crate::phone::fields::encode;
use crate::phone::transcript::Alert;
use crate::phone::transport::Transport;
use crate::phone::webhook::Method;

/// The maximum size of a response, in bytes (Twilio, error 11750).
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The maximum number of redirects (Twilio, error 11215).
const MAX_REDIRECTS: usize = 10;

/// Determines whether the signed URL includes the port (Twilio, Security: "A few notes": voice over HTTPS omits it,
/// everything else keeps it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Voice,
    Messages,
}

/// The parts of a request that are equal in all attempts.
pub(super) struct Attempt<'a> {
    pub(super) transport: &'a Transport,
    pub(super) client: &'a Client,
    pub(super) channel: Channel,
    pub(super) key: &'a SigningKey,
    pub(super) idempotency_token: &'a str,
}

/// The category of a failure, which determines whether Twilio retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryClass {
    Connect,
    Read,
    Status4xx,
    Status5xx,
    /// Not retried.
    Never,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct AttemptError {
    pub(super) retry_class: RetryClass,
    pub(super) status: Option<u16>,
    /// The complete response, if its status is not 2xx.
    pub(super) answer: Option<Box<WebhookResponse>>,
    pub(super) alert: Alert,
}

impl AttemptError {
    pub(super) fn new(retry_class: RetryClass, code: u32, text: impl Into<String>) -> Self {
        Self { retry_class, status: None, answer: None, alert: Alert::error(code, text) }
    }

    fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status.as_u16()), ..self }
    }
}

/// One request; redirects lead to the next hop.
struct Hop {
    method: Method,
    url: Url,
    fields: Vec<(String, String)>,
}

impl Attempt<'_> {
    /// Calls the URL and follows redirects.
    pub(super) async fn make(
        &self,
        method: Method,
        url: &Url,
        fields: &[(String, String)],
    ) -> Result<(StatusCode, WebhookResponse), AttemptError> {
        let mut hop = Hop { method, url: url.clone(), fields: fields.to_vec() };
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(&hop).await?;
            let status = response.status();
            if !status.is_redirection() {
                return read(hop.url, response).await.map(|answer| (status, answer));
            }
            hop = redirected(hop, &response).map_err(|failure| failure.with_status(status))?;
        }
        Err(AttemptError::new(RetryClass::Never, 11_215, "more than 10 redirects"))
    }

    /// Sends one request. If the server responds with 401 and the URL has credentials, sends it again with them.
    async fn send(&self, hop: &Hop) -> Result<Response, AttemptError> {
        let response = self.request(hop).send().await.map_err(|error| failure(&error))?;
        let is_asked = response.status() == StatusCode::UNAUTHORIZED
            && response.headers().contains_key(WWW_AUTHENTICATE);
        if hop.url.username().is_empty() || !is_asked {
            return Ok(response);
        }
        let credentials = self.request(hop).basic_auth(hop.url.username(), hop.url.password());
        credentials.send().await.map_err(|error| failure(&error))
    }

    fn request(&self, hop: &Hop) -> RequestBuilder {
        let signed = signed_url(hop, self.channel);
        let form = match hop.method {
            Method::Post => hop.fields.as_slice(),
            Method::Get => &[],
        };
        let fields = form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signature = sign_url(self.key, &signed, fields);
        let public = without_credentials(&full_url(hop));
        let target = self.transport.resolve_url(&public);
        let host = host_header(&public);
        let target = target.unwrap_or(public);
        let request = match hop.method {
            Method::Get => self.client.get(target),
            Method::Post => self
                .client
                .post(target)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
                .body(encode(&hop.fields)),
        };
        request
            .header(HOST, host)
            .header(ACCEPT, "*/*")
            .header("X-Twilio-Signature", signature)
            .header("I-Twilio-Idempotency-Token", self.idempotency_token)
    }
}

/// The URL, with the parameters of a GET in its query.
fn full_url(hop: &Hop) -> Url {
    let mut url = hop.url.clone();
    url.set_fragment(None);
    if hop.method == Method::Get && !hop.fields.is_empty() {
        let before = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
        url.set_query(Some(&format!("{}{}", before.unwrap_or_default(), encode(&hop.fields))));
    }
    url
}

/// The URL without credentials.
fn without_credentials(url: &Url) -> Url {
    let mut without_credentials = url.clone();
    // Fails only for URLs without a host, which are rejected when they are requested.
    let _without =
        without_credentials.set_username("").and_then(|()| without_credentials.set_password(None));
    without_credentials
}

/// The URL to sign (Twilio, Security: "A few notes").
fn signed_url(hop: &Hop, channel: Channel) -> String {
    let mut url = without_credentials(&full_url(hop));
    if channel == Channel::Voice && url.scheme() == "https" {
        let _without = url.set_port(None);
    }
    url.into()
}

/// The URL for the transcript: without credentials, with the parameters of a GET.
pub(super) fn shown_url(method: Method, url: &Url, fields: &[(String, String)]) -> String {
    without_credentials(&full_url(&Hop { method, url: url.clone(), fields: fields.to_vec() }))
        .into()
}

/// The target URL and the raw text of a request, for truncation.
pub(super) fn raw_request(
    attempt: &Attempt<'_>,
    method: Method,
    url: &Url,
    fields: &[(String, String)],
) -> (Url, String) {
    let hop = Hop { method, url: url.clone(), fields: fields.to_vec() };
    let public = without_credentials(&full_url(&hop));
    let target = attempt.transport.resolve_url(&public).unwrap_or_else(|| public.clone());
    let query = target.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body = if method == Method::Post { encode(fields) } else { String::new() };
    let form = fields.iter().filter(|_| method == Method::Post);
    let signature = sign_url(
        attempt.key,
        &signed_url(&hop, attempt.channel),
        form.map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let head = format!(
        "{method} {}{query} HTTP/1.1\r\nHost: {}\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n\
         Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: {}\r\n\
         X-Twilio-Signature: {signature}\r\nI-Twilio-Idempotency-Token: {}\r\n\r\n",
        target.path(),
        host_header(&public),
        body.len(),
        attempt.idempotency_token,
    );
    (target, head + &body)
}

/// The next hop after a redirect: with the same method and parameters for 307 and 308, a GET without parameters
/// otherwise.
fn redirected(hop: Hop, response: &Response) -> Result<Hop, AttemptError> {
    let invalid =
        || AttemptError::new(RetryClass::Never, 11_216, "a redirect has no valid location");
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let url = hop.url.join(location.ok_or_else(invalid)?).map_err(|_not_a_url| invalid())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid());
    }
    let keeps = matches!(
        response.status(),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    Ok(if keeps {
        Hop { url, ..hop }
    } else {
        Hop { method: Method::Get, url, fields: Vec::new() }
    })
}

/// Reads the response and checks its size and status.
async fn read(url: Url, mut response: Response) -> Result<WebhookResponse, AttemptError> {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(ToOwned::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| failure(&error).with_status(status))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY_BYTES {
            let text = "the response is larger than 64 kB";
            return Err(AttemptError::new(RetryClass::Never, 11_750, text).with_status(status));
        }
    }
    if status.is_success() {
        return Ok(WebhookResponse { url, content_type, body });
    }
    let retry_class =
        if status.is_server_error() { RetryClass::Status5xx } else { RetryClass::Status4xx };
    let text = format!("the server responded with status {}", status.as_u16());
    let answer = Some(Box::new(WebhookResponse { url, content_type, body }));
    Err(AttemptError { answer, ..AttemptError::new(retry_class, 11_200, text).with_status(status) })
}

/// Maps a failure of the HTTP client to Twilio's error code.
fn failure(error: &reqwest::Error) -> AttemptError {
    let is_tls = causes(error).any(<dyn Error>::is::<rustls::Error>);
    let is_refused = causes(error).any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
    });
    let is_unknown_host = causes(error).any(|cause| cause.to_string().contains("dns error"));
    let retry_class = if error.is_connect() { RetryClass::Connect } else { RetryClass::Read };
    let (code, text) = match () {
        () if is_tls => (11_220, "TLS handshake failed"),
        () if is_unknown_host => (11_210, "unknown host"),
        () if is_refused => (11_202, "connection refused"),
        () if error.is_connect() && error.is_timeout() => (11_201, "timed out connecting"),
        () if error.is_connect() => (11_205, "connection failed"),
        () if error.is_timeout() => (11_203, "timed out waiting for the response"),
        () if error.is_builder() => (11_100, "invalid URL"),
        () => (11_206, "the connection was closed, or the server does not speak HTTP"),
    };
    AttemptError::new(retry_class, code, text)
}

/// The causes of an error, including errors wrapped by an I/O error, which its `source` skips.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let cause = next?;
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
        Some(cause)
    })
}
