//! Sends signed requests to decision services.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::AskOutside;
use switchboard_domain::ports::{Clock, DecisionService, OutsideError, Question};
use tokio::time::timeout;
use url::Url;

use super::concurrency_limit::{ConcurrencyLimit, Limits};
use super::request_body::serialize;
use super::response::{chosen_agent, read_body, request_error};
use super::secret::SigningSecret;
use crate::network::{Network, NetworkError};

const JSON: &str = "application/json";

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("concurrency limit reached")]
    AtLimit,
    #[error("invalid URL of the service")]
    Address(#[source] url::ParseError),
    #[error("the event is not a SID")]
    Event,
    #[error("cannot serialize the request")]
    Question(#[source] serde_json::Error),
}

impl From<NotSent> for OutsideError {
    fn from(error: NotSent) -> Self {
        Self::Silent { source: Some(Box::new(error)) }
    }
}

/// Calls decision services over HTTP with a JSON `POST`, signed as specified by Standard Webhooks with the event as
/// `webhook-id`. All services share one connection pool.
pub struct HttpDecisionService {
    http: reqwest::Client,
    secret: SigningSecret,
    clock: Arc<dyn Clock>,
    limit: ConcurrencyLimit,
}

impl HttpDecisionService {
    /// Creates a client. It connects on the first request.
    pub fn new(
        network: &Network,
        secret: SigningSecret,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<Self, NetworkError> {
        let http = network.client(network.tls(), limits.max_concurrent_per_service.get())?;
        Ok(Self { http, secret, clock, limit: ConcurrencyLimit::new(limits) })
    }

    async fn request(&self, url: &str, question: &Question) -> Result<AgentId, OutsideError> {
        let url = Url::parse(url).map_err(NotSent::Address)?;
        let service = url.origin().ascii_serialization();
        let _permit = self.limit.try_acquire(&service).ok_or(NotSent::AtLimit)?;
        // With a period in the event, the signature would be ambiguous (Standard Webhooks 1.0).
        if !question.event.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(NotSent::Event.into());
        }
        let body = serialize(question).map_err(NotSent::Question)?;
        let now = self.clock.now();
        let request = self
            .http
            .post(url)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON)
            .header("webhook-id", &question.event)
            .header("webhook-timestamp", now.seconds())
            .header("webhook-signature", self.secret.sign(&question.event, now, &body))
            .body(body);
        let response = request.send().await.map_err(request_error)?;
        chosen_agent(&read_body(response).await?, question)
    }
}

#[async_trait]
impl DecisionService for HttpDecisionService {
    async fn ask(&self, ask: &AskOutside, question: &Question) -> Result<AgentId, OutsideError> {
        // The timeout covers everything from DNS resolution to the last byte of the response.
        let result = timeout(ask.timeout, self.request(ask.url.as_str(), question)).await;
        result.unwrap_or(Err(OutsideError::Silent { source: None }))
    }
}

/// Shows no contents, because they include the secret.
impl fmt::Debug for HttpDecisionService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpDecisionService").finish_non_exhaustive()
    }
}
