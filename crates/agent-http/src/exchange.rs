//! One request to a server of an agent, and its response, both bounded in time and size.

use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::EndpointError;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::network::{Client, Network, NetworkError};
use crate::resolver::LookUpError;

/// How much of a response is read that does not matter.
const MAX_IGNORED: usize = 64 * 1024;
/// The maximum number of idle connections for each endpoint.
const MAX_IDLE_CONNECTIONS: usize = 32;

/// Sends requests to the endpoints of agents and subscriptions. Redirects are not followed.
pub(crate) struct Exchange {
    http: Client,
}

/// The maximum size of a response.
#[derive(Clone, Copy)]
pub(crate) struct MaxSize {
    pub(crate) bytes: usize,
    /// What is wrong with a larger response.
    pub(crate) exceeded: &'static str,
}

/// A response.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    /// The wait that it requests with `Retry-After`.
    retry_after: Option<Duration>,
    /// The content type without its parameters, in lower case; empty if there is none.
    pub(crate) media_type: String,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    /// The response, if its status is 2xx.
    pub(crate) fn accepted(self) -> Result<Self, EndpointError> {
        let (status, retry_after) = (self.status, self.retry_after);
        if status.is_success() {
            return Ok(self);
        }
        Err(EndpointError::Status { status: status.as_u16(), retry_after })
    }
}

impl Exchange {
    /// Connects on the first request.
    pub(crate) fn new(network: &Network) -> Result<Self, NetworkError> {
        Ok(Self { http: network.client(network.tls(), MAX_IDLE_CONNECTIONS)? })
    }

    /// Posts what `prepare` adds to the request, if the address of the endpoint is allowed.
    pub(crate) async fn post(
        &self,
        url: Url,
        organization: &OrganizationId,
        deadline: Instant,
        max: MaxSize,
        prepare: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answered, EndpointError> {
        let response = self.send(Method::POST, url, organization, deadline, prepare).await?;
        answered(response, max).await
    }

    /// Sends what `prepare` adds to the request, with any method, and reads the response.
    pub(crate) async fn ask(
        &self,
        method: Method,
        url: Url,
        organization: &OrganizationId,
        deadline: Instant,
        max: MaxSize,
        prepare: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answered, EndpointError> {
        answered(self.send(method, url, organization, deadline, prepare).await?, max).await
    }

    /// Posts the same, but takes only the status of the response.
    pub(crate) async fn post_for_status(
        &self,
        url: Url,
        organization: &OrganizationId,
        deadline: Instant,
        prepare: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<(), EndpointError> {
        let sent = self.send(Method::POST, url, organization, deadline, prepare);
        let mut response =
            timeout_at(deadline, sent).await.unwrap_or(Err(EndpointError::TimedOut))?;
        begin(&response).accepted()?;
        // A body that was read completely leaves the connection to the next request.
        let mut read = 0;
        while read < MAX_IGNORED {
            match timeout_at(deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => read += chunk.len(),
                Ok(Ok(None) | Err(_)) | Err(_) => break,
            }
        }
        Ok(())
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        organization: &OrganizationId,
        deadline: Instant,
        prepare: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, EndpointError> {
        let request = self.http.request(method, url, organization, deadline).await;
        let request = prepare(request.map_err(look_up_error)?);
        request.send().await.map_err(request_error)
    }
}

pub(crate) fn unreachable(source: impl std::error::Error + Send + Sync + 'static) -> EndpointError {
    EndpointError::Unreachable { source: Box::new(source) }
}

fn look_up_error(error: LookUpError) -> EndpointError {
    match error {
        LookUpError::Refused => {
            EndpointError::AddressRefused { what: "it is not public and not in a listed network" }
        }
        LookUpError::Busy | LookUpError::Panicked(_) => EndpointError::AtLimit,
        other => unreachable(other),
    }
}

/// Converts an HTTP error. The URL is removed, because its path may contain a credential.
fn request_error(error: reqwest::Error) -> EndpointError {
    let error = error.without_url();
    if error.is_connect() {
        return unreachable(error);
    }
    EndpointError::Disconnected { source: Box::new(error) }
}

/// The response without its body.
fn begin(response: &Response) -> Answered {
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header(RETRY_AFTER).and_then(|value| retry_after(value.trim(), header(DATE)));
    let media_type = header(CONTENT_TYPE).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Answered { status, retry_after, media_type, body: Vec::new() }
}

/// The wait of `Retry-After`: seconds, or an HTTP date, which is later than the `Date` of the response, by the clock of the same
/// server (RFC 9110, section 10.2.3).
fn retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = |text: &str| rfc2822::parse(text).ok().map(|at| at.timestamp().as_second());
    let seconds = at(value)?.saturating_sub(at(date?)?);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

async fn answered(mut response: Response, max: MaxSize) -> Result<Answered, EndpointError> {
    let mut answered = begin(&response);
    let status = answered.status;
    // Of other responses only the status counts, unless they explain themselves. Audio is never read.
    let is_read = status.is_success() || status == StatusCode::BAD_REQUEST;
    if !is_read || answered.media_type.starts_with("audio/") {
        return Ok(answered);
    }
    while let Some(chunk) = response.chunk().await.map_err(request_error)? {
        if answered.body.len() + chunk.len() > max.bytes {
            if status.is_success() {
                return Err(EndpointError::Invalid { what: max.exceeded });
            }
            break;
        }
        answered.body.extend_from_slice(&chunk);
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::retry_after;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        for (value, date, expected) in [
            ("120", None, Some(120)),
            ("Wed, 21 Oct 2026 07:30:00 GMT", date, Some(120)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", date, Some(0)),
            ("Wed, 21 Oct 2026 07:30:00 GMT", None, None),
            ("Wed, 21 Oct 2026 07:30:00 GMT", Some("now"), None),
            ("soon", date, None),
            ("-1", date, None),
        ] {
            let expected = expected.map(Duration::from_secs);
            assert_eq!(retry_after(value, date), expected, "{value}");
        }
    }
}
