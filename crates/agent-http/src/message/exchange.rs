//! One request to the endpoint of an agent, and its response, both bounded in time and size.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::EndpointError;
use tokio::time::Instant;
use url::Url;

use crate::network::{Client, Network, NetworkError};
use crate::resolver::LookUpError;

/// The maximum number of idle connections for each endpoint.
const MAX_IDLE: usize = 32;

/// Sends requests to the endpoints of agents. Redirects are not followed.
pub(super) struct Exchange {
    http: Client,
}

/// The maximum size of a response.
#[derive(Clone, Copy)]
pub(super) struct MaxSize {
    pub(super) bytes: usize,
    /// What is wrong with a larger response.
    pub(super) exceeded: &'static str,
}

/// A response with a status of 2xx.
pub(super) struct Accepted {
    /// The content type without its parameters, in lower case; empty if there is none.
    pub(super) media_type: String,
    pub(super) body: Vec<u8>,
}

impl Exchange {
    /// Connects on the first request.
    pub(super) fn new(network: &Network) -> Result<Self, NetworkError> {
        Ok(Self { http: network.client(network.tls(), MAX_IDLE)? })
    }

    /// Posts what `prepare` adds to the request, if the address of the endpoint is allowed.
    pub(super) async fn post(
        &self,
        url: Url,
        organization: &OrganizationId,
        deadline: Instant,
        max: MaxSize,
        prepare: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Accepted, EndpointError> {
        let request = self.http.request(Method::POST, url, organization, deadline).await;
        let request = prepare(request.map_err(look_up_error)?);
        let response = request.send().await.map_err(request_error)?;
        accepted(response, max).await
    }
}

pub(super) fn unreachable(source: impl std::error::Error + Send + Sync + 'static) -> EndpointError {
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

async fn accepted(mut response: Response, max: MaxSize) -> Result<Accepted, EndpointError> {
    let status = response.status();
    if !status.is_success() {
        let retry_after = response.headers().get(RETRY_AFTER);
        let seconds = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let retry_after = seconds.map(Duration::from_secs);
        return Err(EndpointError::Status { status: status.as_u16(), retry_after });
    }
    let media_type = response.headers().get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(request_error)? {
        if body.len() + chunk.len() > max.bytes {
            return Err(EndpointError::Invalid { what: max.exceeded });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Accepted { media_type, body })
}
