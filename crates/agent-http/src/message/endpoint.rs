//! Sends messages to the endpoints of agents.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use switchboard_domain::delivery::OutgoingContent;
use switchboard_domain::ports::{EndpointError, EndpointMessage, MessageEndpoint};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::replies::read_replies;
use super::request_body::serialize;
use crate::network::{Client, Network, NetworkError};
use crate::resolver::LookUpError;
use crate::signing_secret::SigningSecret;

const JSON: &str = "application/json";
/// The timeout of a request, from name resolution to the last byte of the response.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The maximum size of a response, in bytes: ten replies of 1,600 characters with media, escaped.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;
/// The maximum number of idle connections for each endpoint.
const MAX_IDLE: usize = 32;

/// Delivers messages over HTTP with a JSON `POST`, signed as specified by Standard Webhooks 1.0 with the id of the delivery
/// as `webhook-id`. Redirects are not followed.
pub struct HttpMessageEndpoint {
    http: Client,
}

impl HttpMessageEndpoint {
    /// Creates a client. It connects on the first request.
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        Ok(Self { http: network.client(network.tls(), MAX_IDLE)? })
    }

    async fn request(
        &self,
        target: &WebUrl,
        secrets: &[Secret],
        message: &EndpointMessage,
        deadline: Instant,
    ) -> Result<Vec<OutgoingContent>, EndpointError> {
        let url = Url::parse(target.as_str()).map_err(unreachable)?;
        let body = serialize(message).map_err(unreachable)?;
        let id = message.delivery.as_str();
        let secrets = secrets.iter().filter_map(SigningSecret::parse);
        let signatures: Vec<_> = secrets.map(|secret| secret.sign(id, message.at, &body)).collect();
        let organization = &message.agent.organization;
        let request = self.http.request(Method::POST, url, organization, deadline).await;
        let request = request
            .map_err(look_up_error)?
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON)
            .header("webhook-id", id)
            .header("webhook-timestamp", message.at.seconds())
            .header("webhook-signature", signatures.join(" "))
            .body(body);
        let response = request.send().await.map_err(request_error)?;
        replies(response).await
    }
}

#[async_trait]
impl MessageEndpoint for HttpMessageEndpoint {
    async fn deliver(
        &self,
        target: &WebUrl,
        secrets: &[Secret],
        message: &EndpointMessage,
    ) -> Result<Vec<OutgoingContent>, EndpointError> {
        let deadline = Instant::now() + TIMEOUT;
        let request = self.request(target, secrets, message, deadline);
        timeout_at(deadline, request).await.unwrap_or(Err(EndpointError::TimedOut))
    }
}

fn unreachable(source: impl std::error::Error + Send + Sync + 'static) -> EndpointError {
    EndpointError::Unreachable { source: Box::new(source) }
}

fn look_up_error(error: LookUpError) -> EndpointError {
    match error {
        LookUpError::Refused => {
            EndpointError::AddressRefused { what: "it is not public and not in a listed network" }
        }
        other => unreachable(other),
    }
}

/// Converts an HTTP error. The URL is removed, because its path may contain a credential.
fn request_error(error: reqwest::Error) -> EndpointError {
    unreachable(error.without_url())
}

async fn replies(mut response: Response) -> Result<Vec<OutgoingContent>, EndpointError> {
    let status = response.status();
    if !status.is_success() {
        let retry_after = response.headers().get(RETRY_AFTER);
        let seconds = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let retry_after = seconds.map(Duration::from_secs);
        return Err(EndpointError::Status { status: status.as_u16(), retry_after });
    }
    if status == StatusCode::NO_CONTENT {
        return Ok(Vec::new());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(request_error)? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(EndpointError::Invalid { what: "is larger than 256 KiB" });
        }
        body.extend_from_slice(&chunk);
    }
    read_replies(&body).map_err(|invalid| EndpointError::Invalid { what: invalid.what() })
}

impl fmt::Debug for HttpMessageEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpMessageEndpoint").finish_non_exhaustive()
    }
}
