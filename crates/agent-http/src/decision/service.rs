//! One question, from the signature to the agent.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::AskOutside;
use switchboard_domain::ports::{Clock, DecisionService, OutsideError, Question};
use tokio::time::timeout;
use url::Url;

use super::answer::{body, broken, chosen};
use super::question::document;
use super::room::{Limits, Room};
use super::secret::SigningSecret;
use crate::network::{Network, NetworkError};

const JSON: &str = "application/json";

/// Why a question was not asked at all.
#[derive(Debug, thiserror::Error)]
enum NotAsked {
    #[error("as many questions as may be are under way")]
    NoRoom,
    #[error("the service's address cannot be read")]
    Address(#[source] url::ParseError),
    #[error("the event is no SID")]
    Event,
    #[error("the question cannot be written")]
    Question(#[source] serde_json::Error),
}

impl From<NotAsked> for OutsideError {
    fn from(error: NotAsked) -> Self {
        Self::Silent { source: Some(Box::new(error)) }
    }
}

/// Asks decision services over HTTP: a `POST` of the question in JSON, signed by the rules of Standard Webhooks, where
/// the event is the `webhook-id`. The connections to all services are one pool.
pub struct HttpDecisionService {
    http: reqwest::Client,
    secret: SigningSecret,
    clock: Arc<dyn Clock>,
    room: Room,
}

impl HttpDecisionService {
    /// Asks nobody yet.
    pub fn new(
        network: &Network,
        secret: SigningSecret,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<Self, NetworkError> {
        let http = network.client(network.tls(), limits.at_once_of_one.get())?;
        Ok(Self { http, secret, clock, room: Room::new(limits) })
    }

    async fn exchange(&self, url: &str, question: &Question) -> Result<AgentId, OutsideError> {
        let url = Url::parse(url).map_err(NotAsked::Address)?;
        let service = url.origin().ascii_serialization();
        let _place = self.room.enter(&service).ok_or(NotAsked::NoRoom)?;
        // A full stop would let the signature stand for another event at another time (Standard Webhooks 1.0).
        if !question.event.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(NotAsked::Event.into());
        }
        let document = document(question).map_err(NotAsked::Question)?;
        let now = self.clock.now();
        let request = self
            .http
            .post(url)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON)
            .header("webhook-id", &question.event)
            .header("webhook-timestamp", now.seconds())
            .header("webhook-signature", self.secret.sign(&question.event, now, &document))
            .body(document);
        let response = request.send().await.map_err(broken)?;
        chosen(&body(response).await?, question)
    }
}

#[async_trait]
impl DecisionService for HttpDecisionService {
    async fn ask(&self, ask: &AskOutside, question: &Question) -> Result<AgentId, OutsideError> {
        // From the look-up of the name to the last byte of the answer.
        let exchange = timeout(ask.timeout, self.exchange(ask.url.as_str(), question)).await;
        exchange.unwrap_or(Err(OutsideError::Silent { source: None }))
    }
}

/// Shows nothing: what is inside knows the secret.
impl fmt::Debug for HttpDecisionService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpDecisionService").finish_non_exhaustive()
    }
}
