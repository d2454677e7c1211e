//! One attempt: a request, and those that redirects lead to.

use std::error::Error;
use std::io;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use switchboard_domain::signature::{SigningKey, sign_url};
use url::Url;

use super::answer::Answer;
use super::detour::host_header;
use crate::phone::fields::encode;
use crate::phone::network::Network;
use crate::phone::transcript::Alert;
use crate::phone::webhook::Method;

/// Larger answers are refused (Twilio, error 11750).
const MOST_BYTES: usize = 64 * 1024;
/// More redirects are not followed (Twilio, error 11215).
const MOST_REDIRECTS: usize = 10;

/// What Twilio does with a port in the URL that it signs
/// (Twilio, Security: "A few notes": voice over HTTPS drops it, everything else keeps it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Voice,
    Messages,
}

/// The parts of a request that stay the same in every attempt.
pub(super) struct Attempt<'a> {
    pub(super) network: &'a Network,
    pub(super) client: &'a Client,
    pub(super) channel: Channel,
    pub(super) key: &'a SigningKey,
    pub(super) idempotency_token: &'a str,
}

/// At what an attempt failed, which decides whether there is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connect,
    Read,
    Status4xx,
    Status5xx,
    /// Another attempt would be of no use.
    Final,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) stage: Stage,
    pub(super) status: Option<u16>,
    /// What came, where it is whole and its status is not one that Twilio takes.
    pub(super) answer: Option<Box<Answer>>,
    pub(super) alert: Alert,
}

impl Failure {
    pub(super) fn new(stage: Stage, code: u32, text: impl Into<String>) -> Self {
        Self { stage, status: None, answer: None, alert: Alert::error(code, text) }
    }

    fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status.as_u16()), ..self }
    }
}

/// What is sent in one hop.
struct Hop {
    method: Method,
    url: Url,
    fields: Vec<(String, String)>,
}

impl Attempt<'_> {
    /// Asks the URL, and follows where it leads.
    pub(super) async fn make(
        &self,
        method: Method,
        url: &Url,
        fields: &[(String, String)],
    ) -> Result<(StatusCode, Answer), Failure> {
        let mut hop = Hop { method, url: url.clone(), fields: fields.to_vec() };
        for _ in 0..=MOST_REDIRECTS {
            let response = self.send(&hop).await?;
            let status = response.status();
            if !status.is_redirection() {
                return read(hop.url, response).await.map(|answer| (status, answer));
            }
            hop = redirected(hop, &response).map_err(|failure| failure.with_status(status))?;
        }
        Err(Failure::new(Stage::Final, 11_215, "more than 10 redirects"))
    }

    /// Sends one request; a second time with user name and password, where the URL has them and the server
    /// asks for them.
    async fn send(&self, hop: &Hop) -> Result<Response, Failure> {
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
        let public = bare(&full_url(hop));
        let target = self.network.detoured(&public);
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

/// The URL with the fields of a GET in its query.
fn full_url(hop: &Hop) -> Url {
    let mut url = hop.url.clone();
    url.set_fragment(None);
    if hop.method == Method::Get && !hop.fields.is_empty() {
        let before = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
        url.set_query(Some(&format!("{}{}", before.unwrap_or_default(), encode(&hop.fields))));
    }
    url
}

/// The URL without user name and password.
fn bare(url: &Url) -> Url {
    let mut bare = url.clone();
    // A URL without a host has neither; it is refused when it is asked.
    let _without = bare.set_username("").and_then(|()| bare.set_password(None));
    bare
}

/// The URL that is signed (Twilio, Security: "A few notes").
fn signed_url(hop: &Hop, channel: Channel) -> String {
    let mut url = bare(&full_url(hop));
    if channel == Channel::Voice && url.scheme() == "https" {
        let _without = url.set_port(None);
    }
    url.into()
}

/// The URL as it is shown: without a password, and with the fields of a GET.
pub(super) fn shown_url(method: Method, url: &Url, fields: &[(String, String)]) -> String {
    bare(&full_url(&Hop { method, url: url.clone(), fields: fields.to_vec() })).into()
}

/// The body of a request that is cut off, and its headers.
pub(super) fn raw_request(
    attempt: &Attempt<'_>,
    method: Method,
    url: &Url,
    fields: &[(String, String)],
) -> (Url, String) {
    let hop = Hop { method, url: url.clone(), fields: fields.to_vec() };
    let public = bare(&full_url(&hop));
    let target = attempt.network.detoured(&public).unwrap_or_else(|| public.clone());
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

/// Where a redirect leads: a GET without the fields for all but 307 and 308.
fn redirected(hop: Hop, response: &Response) -> Result<Hop, Failure> {
    let invalid = || Failure::new(Stage::Final, 11_216, "a redirect leads nowhere");
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

/// Takes the answer, if its status and size are what Twilio takes.
async fn read(url: Url, mut response: Response) -> Result<Answer, Failure> {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(ToOwned::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| failure(&error).with_status(status))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            let text = "the answer has more than 64 kB";
            return Err(Failure::new(Stage::Final, 11_750, text).with_status(status));
        }
    }
    if status.is_success() {
        return Ok(Answer { url, content_type, body });
    }
    let stage = if status.is_server_error() { Stage::Status5xx } else { Stage::Status4xx };
    let text = format!("the server answered with status {}", status.as_u16());
    let answer = Some(Box::new(Answer { url, content_type, body }));
    Err(Failure { answer, ..Failure::new(stage, 11_200, text).with_status(status) })
}

/// What Twilio calls a failure of the HTTP client.
fn failure(error: &reqwest::Error) -> Failure {
    let is_tls = causes(error).any(<dyn Error>::is::<rustls::Error>);
    let is_refused = causes(error).any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
    });
    let is_unknown_host = causes(error).any(|cause| cause.to_string().contains("dns error"));
    let stage = if error.is_connect() { Stage::Connect } else { Stage::Read };
    let (code, text) = match () {
        () if is_tls => (11_220, "TLS could not be agreed on"),
        () if is_unknown_host => (11_210, "the host is not known"),
        () if is_refused => (11_202, "the connection was refused"),
        () if error.is_connect() && error.is_timeout() => {
            (11_201, "no connection came about in time")
        }
        () if error.is_connect() => (11_205, "no connection came about"),
        () if error.is_timeout() => (11_203, "no whole answer came in time"),
        () if error.is_builder() => (11_100, "the URL cannot be asked"),
        () => (11_206, "the server broke off, or does not speak HTTP"),
    };
    Failure::new(stage, code, text)
}

/// All that lies behind an error. What an I/O error wraps is a cause as well, though its own `source` skips it.
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
