//! Counts failed connections by agent.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use switchboard_domain::identifier::AgentId;

/// The maximum number of agents whose failures are counted separately. All other agents share one
/// counter.
const MAX_AGENTS: usize = 1_000;

/// Counts failed connections by agent.
#[derive(Default)]
pub(crate) struct FailureCounters(Mutex<HashSet<AgentId>>);

impl FailureCounters {
    pub(crate) fn count(&self, agent: Option<&AgentId>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let label = match agent {
            None => "unknown",
            Some(agent) if known.contains(agent) => agent.as_str(),
            Some(agent) if known.len() < MAX_AGENTS => {
                known.insert(agent.clone());
                agent.as_str()
            }
            Some(_) => "other",
        };
        metrics::counter!("switchboard_connections_failed_total", "agent" => label.to_owned())
            .increment(1);
    }
}
