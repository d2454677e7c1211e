use std::error::Error;

use async_trait::async_trait;

use crate::agent::VoiceTarget;
use crate::identifier::{AgentId, OrganizationId};
use crate::plan::AskOutside;
use crate::web_address::WebUrl;

/// A question to a decision service: which of these agents takes the call?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The organization whose plan asks.
    pub organization: OrganizationId,
    /// `voice`, `sms`, …
    pub channel: &'static str,
    /// The call's or message's SID.
    pub event: String,
    /// The number that was called or written to.
    pub to: String,
    /// Who calls or writes, as Twilio writes it.
    pub from: String,
    /// The candidates: the id, and the external id if there is one.
    pub candidates: Vec<(AgentId, Option<String>)>,
}

/// Why the decision service chose no agent. The plan continues without it.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// It could not be asked, or did not answer in time.
    #[error("the decision service did not answer in time")]
    Silent {
        /// The cause, where there is one besides time.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// It answered something else than one of the candidates.
    #[error("the decision service answered nothing that can be used: {what}")]
    Useless {
        /// What is wrong with it.
        what: &'static str,
    },
}

/// A decision service of the operator's.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DecisionService: Send + Sync {
    /// Asks which agent takes the call, with the timeout of the rule.
    async fn ask(&self, ask: &AskOutside, question: &Question) -> Result<AgentId, OutsideError>;
}

/// Looks whether voice servers are there.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait VoiceProbe: Send + Sync {
    /// Whether the server behind a target of an organization answers: by its health URL if it has one, by a connection
    /// (with TLS where the target has it) otherwise. What has no server, a phone for example, is always reachable. What
    /// an organization checks MUST NOT keep the checks of others from being made.
    async fn check(
        &self,
        organization: &OrganizationId,
        target: &VoiceTarget,
        health_url: Option<WebUrl>,
    ) -> Reachability;
}

/// What a health check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// The server answers.
    Reachable,
    /// The server does not answer.
    Unreachable,
    /// The check could not be made, for a reason of our own: this says nothing about the server.
    Unknown,
}
