//! Opens a session: a voice server reads the configuration of the agent that its call is for.

use std::sync::Arc;

use switchboard_domain::agent::{Agent, AgentState};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CallStore, Clock, Retry, StoreError};
use switchboard_domain::session::{SessionClaims, SessionError, SessionKeys};
use switchboard_domain::sid::CallSid;

use crate::agent_cache::AgentCache;
use crate::deadline::{Deadlines, within};

/// A session as a voice server reads it.
pub struct OpenedSession {
    /// The token's claims.
    pub claims: SessionClaims,
    /// The agent, prompt included.
    pub agent: Arc<Agent>,
}

/// Why a session is not opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionRefused {
    /// The token was not issued here, or has expired: 401.
    #[error("the session token is invalid")]
    Token(#[source] SessionError),
    /// The token is valid, but for another call: 401.
    #[error("the session token is for another call")]
    OtherCall,
    /// The call has ended, or its request was sent again after its time: 404.
    #[error("the call has ended")]
    CallEnded,
    /// The agent is disabled: 404.
    #[error("the agent is disabled")]
    AgentDisabled,
    /// The agent was removed: 404.
    #[error("the agent was removed")]
    AgentRemoved,
    /// The store failed: 503 or 500.
    #[error("the agent could not be read")]
    Store(#[source] StoreError),
}

impl SessionRefused {
    /// Whether the same request can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Store(error) => error.retry(),
            Self::Token(_)
            | Self::OtherCall
            | Self::CallEnded
            | Self::AgentDisabled
            | Self::AgentRemoved => Retry::Never,
        }
    }
}

/// Opens sessions.
pub struct OpenSession {
    sessions: Arc<SessionKeys>,
    agents: Arc<AgentCache>,
    calls: Arc<dyn CallStore>,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
}

impl OpenSession {
    /// The use case over its parts.
    pub fn new(
        sessions: Arc<SessionKeys>,
        agents: Arc<AgentCache>,
        calls: Arc<dyn CallStore>,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { sessions, agents, calls, deadlines, clock }
    }

    /// The configuration of the agent that `token` was issued for, if it was issued for `call`.
    pub async fn open(&self, call: CallSid, token: &str) -> Result<OpenedSession, SessionRefused> {
        let claims =
            self.sessions.verify(token, self.clock.now()).map_err(SessionRefused::Token)?;
        if claims.call != call {
            return Err(SessionRefused::OtherCall);
        }
        let (has_ended, agent) =
            tokio::join!(self.has_ended(&claims), self.agents.find(&claims.agent));
        if has_ended {
            return Err(SessionRefused::CallEnded);
        }
        let agent = agent.map_err(SessionRefused::Store)?;
        let agent = agent.ok_or(SessionRefused::AgentRemoved)?;
        if agent.profile.state == AgentState::Disabled {
            return Err(SessionRefused::AgentDisabled);
        }
        Ok(OpenedSession { claims, agent })
    }

    /// Whether the call is known to have ended, or the token was minted for a request that was sent again long after its
    /// agent got the call. While the store does not answer, a token opens the sessions of agents in
    /// memory until it expires.
    async fn has_ended(&self, claims: &SessionClaims) -> bool {
        let find = self.calls.find(&Scope::Operator, claims.account, claims.call);
        let found = within(self.deadlines.reread, "call.find", find).await;
        found
            .ok()
            .flatten()
            .is_some_and(|record| record.is_stale_session(&claims.agent, claims.issued_at))
    }
}
