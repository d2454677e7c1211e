//! Fake decision services and voice servers.

use std::sync::atomic::AtomicBool;

use crate::prelude::*;
use async_trait::async_trait;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::plan::AskOutside;
use switchboard_domain::ports::{OutsideError, Question, Reachability, VoiceProbe};

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
