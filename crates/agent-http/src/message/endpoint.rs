//! Sends messages as JSON to the endpoints of agents.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use switchboard_domain::delivery::OutgoingContent;
use switchboard_domain::ports::{EndpointError, EndpointMessage, MessageEndpoint};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::replies::read_replies;
use super::request_body::serialize;
use crate::exchange::{Exchange, MaxSize, unreachable};
use crate::network::{Network, NetworkError};
use crate::signing_secret::SigningSecret;

const JSON: &str = "application/json";
/// The timeout of a request, from name resolution to the last byte of the response.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);
/// Ten replies of 1,600 characters with media, escaped.
const MAX_RESPONSE: MaxSize = MaxSize { bytes: 256 * 1024, exceeded: "is larger than 256 KiB" };

/// Delivers messages over HTTP with a JSON `POST`, signed as specified by Standard Webhooks 1.0 with the id of the delivery
/// as `webhook-id`. Without a secret, there is no `webhook-signature`. Redirects are not followed.
pub struct HttpMessageEndpoint {
    exchange: Exchange,
}

impl HttpMessageEndpoint {
    /// Creates a client. It connects on the first request.
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        Ok(Self { exchange: Exchange::new(network)? })
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
        let accepted = self.exchange.post(url, organization, deadline, MAX_RESPONSE, |request| {
            let request = request
                .header(ACCEPT, JSON)
                .header(CONTENT_TYPE, JSON)
                .header("webhook-id", id)
                .header("webhook-timestamp", message.at.seconds())
                .body(body);
            if signatures.is_empty() {
                request
            } else {
                request.header("webhook-signature", signatures.join(" "))
            }
        });
        let accepted = accepted.await?.accepted()?;
        read_replies(&accepted.body)
            .map_err(|invalid| EndpointError::Invalid { what: invalid.what() })
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

impl fmt::Debug for HttpMessageEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpMessageEndpoint").finish_non_exhaustive()
    }
}
