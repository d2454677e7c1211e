//! Which calls agents have.

use std::collections::HashMap;

use async_trait::async_trait;
use switchboard_domain::call::{AttemptDestination, CallKey, CallRecord};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::ports::{LiveCallStore, StoreError};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;

#[async_trait]
impl LiveCallStore for MemoryStore {
    async fn live_calls(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(CallKey, AgentId)>, StoreError> {
        let state = self.enter("call.live").await?;
        let live = state.calls.values().filter_map(|call| {
            let (decided, agent) = live(call)?;
            (decided > after).then(|| (decided, (call.account, call.call), agent.clone()))
        });
        let mut live: Vec<_> = live.collect();
        live.sort_unstable_by(|one, two| two.cmp(one));
        live.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(live.into_iter().map(|(_, call, agent)| (call, agent)).collect())
    }

    async fn live_calls_by_organization(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(OrganizationId, CallKey, AgentId)>, StoreError> {
        let state = self.enter("call.live_by_organization").await?;
        let live = state.calls.values().filter_map(|call| {
            let (decided, agent) = live(call)?;
            let organization = call.organization.clone();
            (decided > after)
                .then(|| (decided, organization, (call.account, call.call), agent.clone()))
        });
        let mut live: Vec<_> = live.collect();
        live.sort_unstable_by(|one, two| two.cmp(one));
        let mut counts: HashMap<OrganizationId, u32> = HashMap::new();
        let placed = live.into_iter().map(|(_, organization, call, agent)| {
            let place = counts.entry(organization.clone()).or_default();
            *place += 1;
            (*place, (organization, call, agent))
        });
        let mut placed: Vec<_> = placed.collect();
        placed.sort_by_key(|(place, _)| *place);
        placed.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(placed.into_iter().map(|(_, call)| call).collect())
    }
}

/// When a call was decided and which agent has it, if one does: the one that was chosen, or that was tried last.
fn live(call: &CallRecord) -> Option<(Timestamp, &AgentId)> {
    let decision = call.decision.as_ref()?;
    let chosen = decision.agent.as_ref()?;
    if call.has_ended() || call.disconnection.is_some() || call.call.is_simulated() {
        return None;
    }
    match call.attempts.last().map(|attempt| &attempt.destination) {
        None => Some((decision.at, chosen)),
        Some(AttemptDestination::Agent(agent)) => Some((decision.at, agent)),
        Some(AttemptDestination::Action(_) | AttemptDestination::Exhausted) => None,
    }
}
