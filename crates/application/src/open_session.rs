//! Opens a session: a voice server reads the configuration of the agent that its call is for.

use std::sync::Arc;

use switchboard_domain::agent::Agent;
use switchboard_domain::ports::{Clock, Retry, StoreError};
use switchboard_domain::session::{SessionClaims, SessionError, SessionKeys};
use switchboard_domain::sid::CallSid;

use crate::agent_cache::AgentCache;

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
            Self::Token(_) | Self::OtherCall | Self::AgentRemoved => Retry::Never,
        }
    }
}

/// Opens sessions.
pub struct OpenSession {
    sessions: Arc<SessionKeys>,
    agents: Arc<AgentCache>,
    clock: Arc<dyn Clock>,
}

impl OpenSession {
    /// The use case over its parts.
    pub fn new(sessions: Arc<SessionKeys>, agents: Arc<AgentCache>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, agents, clock }
    }

    /// The configuration of the agent that `token` was issued for, if it was issued for `call`.
    pub async fn open(&self, call: CallSid, token: &str) -> Result<OpenedSession, SessionRefused> {
        let claims =
            self.sessions.verify(token, self.clock.now()).map_err(SessionRefused::Token)?;
        if claims.call != call {
            return Err(SessionRefused::OtherCall);
        }
        let agent = self.agents.find(&claims.agent).await.map_err(SessionRefused::Store)?;
        let agent = agent.ok_or(SessionRefused::AgentRemoved)?;
        Ok(OpenedSession { claims, agent })
    }
}
