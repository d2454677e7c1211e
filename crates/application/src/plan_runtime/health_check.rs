//! Updates the load of agents: reads live calls from the store, and checks the health of voice
//! servers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock, LiveCallStore, Page, PlanStore, Reachability, VoiceProbe};
use switchboard_domain::time::Timestamp;

use super::agent_load::{AgentLoadTracker, Server};
use super::circuit_breaker::Health;
use crate::deadline::{BEHIND_ANSWERS, within};

/// The maximum number of live calls that are read without shares of organizations, which take longer.
const MAX_CALLS: u32 = 50_000;
/// The maximum number of live calls that are read in shares of organizations.
const MAX_IN_SHARES: u32 = 100_000;
/// How long the store may take to read these shares.
const SHARES_WITHIN: Duration = Duration::from_secs(5);
/// Concurrency limit of the health checks of an organization.
const MAX_CONCURRENT_CHECKS: usize = 8;
/// The number of organizations whose servers are checked concurrently.
const CONCURRENT_ORGANIZATIONS: usize = 16;
/// The maximum duration of the checks of one organization in a round, so that servers that do not
/// respond do not delay the checks of other organizations. The next round begins with other
/// servers.
const ROUND: Duration = Duration::from_secs(5);

/// Updates the load of agents periodically.
pub struct HealthCheck {
    agent_load: Arc<AgentLoadTracker>,
    store: Arc<dyn LiveCallStore>,
    plans: Arc<dyn PlanStore>,
    probe: Arc<dyn VoiceProbe>,
    clock: Arc<dyn Clock>,
    rounds: AtomicUsize,
}

impl HealthCheck {
    /// Creates an updater of `agent_load`.
    pub fn new(
        agent_load: Arc<AgentLoadTracker>,
        store: Arc<dyn LiveCallStore>,
        plans: Arc<dyn PlanStore>,
        probe: Arc<dyn VoiceProbe>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { agent_load, store, plans, probe, clock, rounds: AtomicUsize::new(0) }
    }

    /// Updates every `interval`, forever. Slow health checks do not delay the count of calls.
    pub async fn run(&self, interval: Duration) {
        let count_calls = async {
            loop {
                tokio::time::sleep(interval).await;
                self.count_calls().await;
            }
        };
        let check_servers = async {
            loop {
                tokio::time::sleep(interval).await;
                self.check_servers().await;
            }
        };
        tokio::join!(count_calls, check_servers);
    }

    /// Updates once.
    pub async fn once(&self) {
        self.count_calls().await;
        self.check_servers().await;
    }

    async fn check_servers(&self) {
        let round = self.rounds.fetch_add(MAX_CONCURRENT_CHECKS, Ordering::Relaxed);
        let mut organizations: HashMap<OrganizationId, Vec<Arc<Server>>> = HashMap::new();
        for server in self.agent_load.servers() {
            organizations.entry(server.organization.clone()).or_default().push(server);
        }
        let checks = organizations.into_values().map(|mut servers| async move {
            let first = round % servers.len().max(1);
            servers.rotate_left(first);
            let checks = servers.into_iter().map(|server| self.check(server));
            let checks =
                stream::iter(checks).buffer_unordered(MAX_CONCURRENT_CHECKS).collect::<()>();
            // Servers that were not reached keep their state.
            let _in_time = tokio::time::timeout(ROUND, checks).await;
        });
        stream::iter(checks).buffer_unordered(CONCURRENT_ORGANIZATIONS).collect::<()>().await;
        self.agent_load.weigh_health();
    }

    async fn check(&self, server: Arc<Server>) {
        let (target, health_url) = (&server.target, server.health_url());
        let found = self.probe.check(&server.organization, target, health_url).await;
        server.breaker.checked(match found {
            Reachability::Reachable => Health::Up,
            Reachability::Unreachable => Health::Down,
            Reachability::Unknown => Health::Unknown,
        });
    }

    /// Counts the live calls of all processes. This is done before the first request, so that the
    /// capacities of agents apply from then on.
    pub async fn count_calls(&self) {
        let now = self.clock.now();
        if self.agent_load.is_idle() && !self.has_plans().await {
            // Only plans use the counts. Reading thousands of live calls would be wasted.
            self.agent_load.refresh(Some(&[]), now);
            return;
        }
        let after = self.agent_load.oldest(now);
        let read = self.store.live_calls(after, MAX_CALLS);
        let recorded = within(BEHIND_ANSWERS, "call.live", read).await;
        if let Err(error) = &recorded {
            tracing::debug!(error = %Causes(error), "live calls could not be read");
        }
        match recorded {
            Ok(calls) if calls.len() >= MAX_CALLS as usize => self.count_shares(now).await,
            recorded => self.agent_load.refresh(recorded.ok().as_deref(), now),
        }
    }

    /// Whether there is a routing plan, or this is unknown.
    async fn has_plans(&self) -> bool {
        let first = Page::first(1);
        let found = self.plans.list(&Scope::Operator, &first);
        within(BEHIND_ANSWERS, "plan.list", found).await.map_or(true, |plans| !plans.is_empty())
    }

    /// Counts the live calls if there are too many to read all of them: a share of each organization, so that the calls
    /// of one organization do not hide those of others.
    async fn count_shares(&self, now: Timestamp) {
        let after = self.agent_load.oldest(now);
        let read = self.store.live_calls_by_organization(after, MAX_IN_SHARES);
        let recorded = within(SHARES_WITHIN, "call.live_by_organization", read).await;
        if let Err(error) = &recorded {
            tracing::debug!(error = %Causes(error), "live calls of organizations could not be read");
        }
        let Ok(recorded) = recorded else { return self.agent_load.refresh(None, now) };
        let is_cut = recorded.len() >= MAX_IN_SHARES as usize;
        let mut counts: HashMap<OrganizationId, u32> = HashMap::new();
        let mut calls = Vec::with_capacity(recorded.len());
        for (organization, call, agent) in recorded {
            *counts.entry(organization).or_default() += 1;
            calls.push((call, agent));
        }
        let truncated = if is_cut { truncated(counts) } else { HashSet::new() };
        self.agent_load.refresh_shares(&calls, &truncated, now);
    }
}

/// The organizations that may have more live calls than their share, so that the list does not say which of their calls
/// are over. The shares are equal, except that the last place was not reached by all.
fn truncated(counts: HashMap<OrganizationId, u32>) -> HashSet<OrganizationId> {
    let share = counts.values().max().map_or(0, |most| most.saturating_sub(1));
    counts.into_iter().filter(|(_, count)| *count >= share).map(|(id, _)| id).collect()
}

#[cfg(test)]
mod tests;
