//! Who answers a number, and by which plan.

use std::sync::Arc;

use async_trait::async_trait;
use switchboard_domain::ports::{RouteStore, StoreError};
use switchboard_domain::routing::{Assigned, Route};
use switchboard_domain::sender::Sender;

use crate::MemoryStore;
use crate::plan_places::nearest;

#[async_trait]
impl RouteStore for MemoryStore {
    async fn route(&self, sender: Sender) -> Result<Option<Route>, StoreError> {
        let state = self.enter("route").await?;
        let own = state.numbers.get(&sender);
        let fallback = || sender.fallback().and_then(|number| state.numbers.get(&number));
        let Some(number) = own.or_else(fallback) else {
            return Ok(None);
        };
        let assigned = number.assignment.as_ref().and_then(|assignment| {
            // No agent goes while numbers are assigned to it, so there is always one.
            let agent = state.agents.get(&assignment.agent)?;
            Some(Assigned {
                agent: agent.id.clone(),
                profile: Arc::new(agent.profile.clone()),
                channels: assignment.channels,
            })
        });
        Ok(Some(Route {
            sender: number.sender,
            organization: number.organization.clone(),
            account: number.account,
            assigned,
            plan: nearest(&state, number),
        }))
    }
}
