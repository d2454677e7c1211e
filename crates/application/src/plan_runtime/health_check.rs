//! Keeps up what is known of agents: asks the store which calls are live, and looks at voice servers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{Clock, LiveCallStore, VoiceProbe};

use super::agent_load::AgentLoadTracker;
use crate::deadline::{BEHIND_ANSWERS, within};

/// Live calls that are read at most.
const MOST_CALLS: u32 = 50_000;
/// Voice servers that are looked at at once.
const LOOKS_AT_ONCE: usize = 16;

/// Keeps up what is known of agents.
pub struct HealthCheck {
    agent_load: Arc<AgentLoadTracker>,
    store: Arc<dyn LiveCallStore>,
    probe: Arc<dyn VoiceProbe>,
    clock: Arc<dyn Clock>,
}

impl HealthCheck {
    /// Keeps up `agent load`.
    pub fn new(
        agent_load: Arc<AgentLoadTracker>,
        store: Arc<dyn LiveCallStore>,
        probe: Arc<dyn VoiceProbe>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { agent_load, store, probe, clock }
    }

    /// Does it every `interval`, for ever.
    pub async fn run(&self, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            self.once().await;
        }
    }

    /// Does it once.
    pub async fn once(&self) {
        // Without a plan there is nobody to count for.
        if self.agent_load.is_idle() {
            return;
        }
        let now = self.clock.now();
        let after = self.agent_load.oldest(now);
        let read = self.store.live_calls(after, MOST_CALLS);
        let recorded = within(BEHIND_ANSWERS, "call.live", read).await;
        if let Err(error) = &recorded {
            tracing::debug!(error = %Causes(error), "live calls not counted");
        }
        // A list that is cut off does not tell which calls are over.
        let recorded = recorded.ok().filter(|calls| calls.len() < MOST_CALLS as usize);
        self.agent_load.refresh(recorded.as_deref(), now);
        let looks = self.agent_load.servers().into_iter().map(|server| async move {
            let is_there = self.probe.is_there(&server.target, server.health_url.clone()).await;
            server.health.looked(is_there);
        });
        stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE).collect::<()>().await;
    }
}
