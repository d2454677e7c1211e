//! Fake decision services and voice servers.

use std::sync::atomic::AtomicBool;

use crate::prelude::*;
use async_trait::async_trait;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::plan::AskOutside;
use switchboard_domain::ports::{
    HandlerError, HandlerMethod, HandlerRequest, OutsideError, Question, Reachability,
    VoiceHandler, VoiceProbe,
};
use switchboard_domain::twiml::{Element, Node, VoiceDocument};

/// A decision service that never answers.
pub(crate) struct NoDecisionService;

#[async_trait]
impl DecisionService for NoDecisionService {
    async fn ask(&self, _: &AskOutside, _: &Question) -> Result<AgentId, OutsideError> {
        Err(OutsideError::Silent { source: None })
    }
}

/// A decision service that answers after a delay, and records its requests.
#[derive(Default)]
pub(crate) struct StubDecisionService {
    /// The agent it chooses. `None` for an unusable answer.
    pub(crate) chosen: Mutex<Option<AgentId>>,
    /// How long it takes.
    pub(crate) takes: Mutex<Duration>,
    /// Every recorded request.
    pub(crate) asked: Mutex<Vec<Question>>,
}

impl StubDecisionService {
    pub(crate) fn choose(&self, agent: &AgentId) {
        *self.chosen.lock().unwrap() = Some(agent.clone());
    }

    pub(crate) fn take(&self, time: Duration) {
        *self.takes.lock().unwrap() = time;
    }

    pub(crate) fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl DecisionService for StubDecisionService {
    async fn ask(&self, _: &AskOutside, question: &Question) -> Result<AgentId, OutsideError> {
        self.asked.lock().unwrap().push(question.clone());
        let takes = *self.takes.lock().unwrap();
        tokio::time::sleep(takes).await;
        let chosen = self.chosen.lock().unwrap().clone();
        chosen.ok_or(OutsideError::Useless { what: "nobody" })
    }
}

/// Voice servers that are reachable unless a test changes that.
#[derive(Default)]
pub(crate) struct StubProbe {
    pub(crate) find_nothing: AtomicBool,
}

#[async_trait]
impl VoiceProbe for StubProbe {
    async fn check(&self, _: &OrganizationId, _: &VoiceTarget, _: Option<WebUrl>) -> Reachability {
        if self.find_nothing.load(Ordering::SeqCst) {
            Reachability::Unreachable
        } else {
            Reachability::Reachable
        }
    }
}

/// What a handler was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedHandler {
    pub(crate) url: String,
    pub(crate) method: HandlerMethod,
    pub(crate) fields: Vec<(String, String)>,
    /// What signed the request.
    pub(crate) secret: Option<String>,
    pub(crate) token: String,
}

/// What a handler answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandlerAnswer {
    /// `<Gather action="/menu" partialResultCallback="/partial"/>`
    Gather,
    /// The status 503.
    Unavailable,
    /// Nothing, for an hour.
    Silent,
    /// It is not asked, because too many requests wait.
    NotAsked,
}

/// Handlers that answer as a test says, by their hosts, and that record what they are asked.
#[derive(Default)]
pub(crate) struct StubHandler {
    answers: Mutex<Vec<(String, HandlerAnswer)>>,
    asked: Mutex<Vec<AskedHandler>>,
}

impl StubHandler {
    pub(crate) fn answer(&self, url: &str, answer: HandlerAnswer) {
        self.answers.lock().unwrap().insert(0, (url.to_owned(), answer));
    }

    /// How often it was asked, and what last.
    pub(crate) fn last(&self) -> (usize, Option<AskedHandler>) {
        let asked = self.asked.lock().unwrap();
        (asked.len(), asked.last().cloned())
    }

    pub(crate) fn asked(&self) -> Vec<AskedHandler> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl VoiceHandler for StubHandler {
    async fn ask(&self, request: &HandlerRequest) -> Result<VoiceDocument, HandlerError> {
        let url = request.url.as_str().to_owned();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        self.asked.lock().unwrap().push(AskedHandler {
            url: url.clone(),
            method: request.method,
            fields: request.form.fields().map(owned).collect(),
            secret: request.secret.as_ref().map(|secret| secret.expose().to_owned()),
            token: request.idempotency_token.clone(),
        });
        let answers = self.answers.lock().unwrap().clone();
        let answer = answers.iter().find(|(begin, _)| url.starts_with(begin));
        match answer.map_or(HandlerAnswer::Gather, |(_, answer)| *answer) {
            HandlerAnswer::Gather => {
                let attributes = [("action", "/menu"), ("partialResultCallback", "/partial")];
                let attributes =
                    attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
                let gather =
                    Element { name: "Gather".to_owned(), attributes, ..Element::default() };
                let children = vec![Node::Element(gather)];
                let response =
                    Element { name: "Response".to_owned(), children, ..Element::default() };
                Ok(VoiceDocument::new(response).unwrap())
            }
            HandlerAnswer::Unavailable => Err(HandlerError::Status { status: 503 }),
            HandlerAnswer::NotAsked => Err(HandlerError::AtLimit),
            HandlerAnswer::Silent => {
                tokio::time::sleep(Duration::from_secs(3_600)).await;
                Err(HandlerError::TimedOut)
            }
        }
    }
}
