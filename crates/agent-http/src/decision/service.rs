//! Sends signed requests to decision services.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::plan::AskOutside;
use switchboard_domain::ports::{Clock, DecisionService, OutsideError, Question};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::request_body::serialize;
use super::response::{chosen_agent, read_body, request_error};
use crate::concurrency_limit::{ConcurrencyLimit, Limits};
use crate::network::{Client, Network, NetworkError};
use crate::resolver::LookUpError;
use crate::signing_secret::SigningSecret;

const JSON: &str = "application/json";

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("concurrency limit reached")]
    AtLimit,
    #[error("invalid URL of the service")]
    Address(#[source] url::ParseError),
    #[error("the host of the service has no address to connect to")]
    Host(#[source] LookUpError),
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
    http: Client,
    secrets: Box<Secrets>,
    clock: Arc<dyn Clock>,
    limit: ConcurrencyLimit,
}

/// The secrets of an organization, each of which signs its requests: while encryption keys are rotated, receivers know the
/// old or the new one.
pub type Secrets = dyn Fn(&OrganizationId) -> Vec<SigningSecret> + Send + Sync;

impl HttpDecisionService {
    /// Creates a client. It connects on the first request.
    pub fn new(
        network: &Network,
        secrets: Box<Secrets>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<Self, NetworkError> {
        let http = network.client(network.tls(), limits.max_concurrent_per_service.get())?;
        Ok(Self { http, secrets, clock, limit: ConcurrencyLimit::new(limits) })
    }

    async fn request(
        &self,
        url: &str,
        question: &Question,
        deadline: Instant,
    ) -> Result<AgentId, OutsideError> {
        let url = Url::parse(url).map_err(NotSent::Address)?;
        let service = url.origin().ascii_serialization();
        let permit = self.limit.try_acquire(&question.organization, &service);
        let _permit = permit.ok_or(NotSent::AtLimit)?;
        let body = serialize(question).map_err(NotSent::Question)?;
        let now = self.clock.now();
        let secrets = (self.secrets)(&question.organization);
        // A SID contains no period, which would make the signature ambiguous (Standard Webhooks 1.0).
        let event = question.event.as_str();
        let signatures: Vec<_> =
            secrets.iter().map(|secret| secret.sign(event, now, &body)).collect();
        let organization = &question.organization;
        let request = self.http.request(Method::POST, url, organization, deadline).await;
        let mut request = request
            .map_err(NotSent::Host)?
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON)
            .header("webhook-id", event)
            .header("webhook-timestamp", now.seconds());
        if question.verified_by.is_token() {
            request = request.header("webhook-signature", signatures.join(" "));
        }
        let request = request.body(body);
        let response = request.send().await.map_err(request_error)?;
        chosen_agent(&read_body(response).await?, question)
    }
}

#[async_trait]
impl DecisionService for HttpDecisionService {
    async fn ask(&self, ask: &AskOutside, question: &Question) -> Result<AgentId, OutsideError> {
        // The timeout covers everything from DNS resolution to the last byte of the response.
        let deadline = Instant::now() + ask.timeout;
        let request = self.request(ask.url.as_str(), question, deadline);
        let result = timeout_at(deadline, request).await;
        result.unwrap_or(Err(OutsideError::Silent { source: None }))
    }
}

/// Shows no contents, because they include the secret.
impl fmt::Debug for HttpDecisionService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpDecisionService").finish_non_exhaustive()
    }
}
