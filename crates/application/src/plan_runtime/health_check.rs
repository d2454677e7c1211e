//! Keeps the load of agents up to date: reads live calls from the store, and checks the health of voice servers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{Clock, LiveCallStore, Reachability, VoiceProbe};

use super::agent_load::AgentLoadTracker;
use super::circuit_breaker::Health;
use crate::deadline::{BEHIND_ANSWERS, within};

/// Most live calls that are read.
const MOST_CALLS: u32 = 50_000;
/// Concurrency limit of the health checks.
const CONCURRENT_CHECKS: usize = 16;

/// Updates the load of agents periodically.
pub struct HealthCheck {
    agent_load: Arc<AgentLoadTracker>,
    store: Arc<dyn LiveCallStore>,
    probe: Arc<dyn VoiceProbe>,
    clock: Arc<dyn Clock>,
}

impl HealthCheck {
    /// Updates `agent_load`.
    pub fn new(
        agent_load: Arc<AgentLoadTracker>,
        store: Arc<dyn LiveCallStore>,
        probe: Arc<dyn VoiceProbe>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { agent_load, store, probe, clock }
    }

    /// Updates every `interval`, forever.
    pub async fn run(&self, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            self.once().await;
        }
    }

    /// Updates once.
    pub async fn once(&self) {
        self.count_calls().await;
        let checks = self.agent_load.servers().into_iter().map(|server| async move {
            let (target, health_url) = (&server.target, server.health_url.clone());
            let found = self.probe.check(&server.organization, target, health_url).await;
            server.breaker.checked(match found {
                Reachability::Reachable => Health::Up,
                Reachability::Unreachable => Health::Down,
                Reachability::Unknown => Health::Unknown,
            });
        });
        stream::iter(checks).buffer_unordered(CONCURRENT_CHECKS).collect::<()>().await;
        self.agent_load.weigh_health();
    }

    /// Counts the live calls of all processes. Called before the first request, so that agents' capacities hold from then
    /// on.
    pub async fn count_calls(&self) {
        let now = self.clock.now();
        let after = self.agent_load.oldest(now);
        let read = self.store.live_calls(after, MOST_CALLS);
        let recorded = within(BEHIND_ANSWERS, "call.live", read).await;
        if let Err(error) = &recorded {
            tracing::debug!(error = %Causes(error), "live calls could not be read");
        }
        // A truncated list does not say which calls are over.
        let recorded = recorded.ok().filter(|calls| calls.len() < MOST_CALLS as usize);
        self.agent_load.refresh(recorded.as_deref(), now);
    }
}
