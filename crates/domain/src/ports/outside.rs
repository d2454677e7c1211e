//! The servers of operators that are asked during a call: decision services and health checks.

use std::error::Error;

use async_trait::async_trait;

use super::Retry;
use crate::address::{Address, Channel};
use crate::agent::{Label, VoiceTarget};
use crate::authentication::VerifiedBy;
use crate::identifier::{AgentId, OrganizationId};
use crate::plan::AskOutside;
use crate::sender::Sender;
use crate::sid::EventSid;
use crate::web_address::WebUrl;

/// A request to a decision service to choose one of several agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The organization that owns the plan.
    pub organization: OrganizationId,
    /// How the call or message arrived.
    pub channel: Channel,
    /// The SID of the call or message.
    pub event: EventSid,
    /// The called number, or the sender that was written to.
    pub to: Sender,
    /// The caller or sender.
    pub from: Address,
    /// The agents to choose from.
    pub candidates: Vec<Candidate>,
    /// How the webhook that brought the call or message was verified. A signature tells the service that it is from Twilio, so
    /// a request about another one MUST NOT be signed.
    pub verified_by: VerifiedBy,
}

/// An agent that a decision service can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The id of the agent.
    pub agent: AgentId,
    /// The id in the operator's own platform, by which the service can also choose the agent.
    pub external_id: Option<Label>,
}

/// Why the decision service chose no agent. The routing plan then decides without it.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The request failed, or the response did not arrive in time.
    #[error("the decision service did not answer in time")]
    Silent {
        /// The underlying error; `None` for a timeout.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The response does not name one of the candidates.
    #[error("the response of the decision service cannot be used: {what}")]
    Useless {
        /// What is wrong with the response.
        what: &'static str,
    },
}

impl OutsideError {
    /// Whether the same request can succeed later: if the service did not answer in time.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Silent { .. } => Retry::Later,
            Self::Useless { .. } => Retry::Never,
        }
    }
}

/// A decision service of an operator.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DecisionService: Send + Sync {
    /// Requests a choice among the candidates, with the timeout of the rule. MUST return one of the
    /// candidates or an error (tested in `switchboard-agent-http`:
    /// `an_agent_that_is_not_a_candidate_is_rejected`).
    async fn ask(&self, ask: &AskOutside, question: &Question) -> Result<AgentId, OutsideError>;
}

/// Checks the health of voice servers.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait VoiceProbe: Send + Sync {
    /// Checks whether the server of a voice target responds: at its health URL if it has one,
    /// otherwise by opening a connection (with TLS if the target uses TLS). A target without a
    /// server, such as a phone, is always reachable. The checks of one organization MUST NOT block
    /// those of others. There is one adapter, whose tests check this instead of a law:
    /// `lookups_of_one_organization_that_hang_leave_places_for_others` in
    /// `crates/agent-http/src/resolver.rs`, and `crates/agent-http/tests/agents/probes.rs`.
    async fn check(
        &self,
        organization: &OrganizationId,
        target: &VoiceTarget,
        health_url: Option<WebUrl>,
    ) -> Reachability;
}

/// The result of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// The server responds.
    Reachable,
    /// The server does not respond.
    Unreachable,
    /// The check failed for a local reason, so it shows nothing about the server.
    Unknown,
}
