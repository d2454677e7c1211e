//! What one agent may take of the worker: a bulkhead and a circuit breaker for each agent, so that a slow or dead endpoint
//! delays no other.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchboard_domain::identifier::AgentId;
use tokio::time::Instant;

/// The maximum number of concurrent deliveries to one agent.
pub(crate) const MAX_PER_AGENT: usize = 32;
/// How many failures in a row open the circuit breaker.
const FAILURES: u32 = 5;
/// How long an open circuit breaker allows no delivery. Then one delivery at a time tests the endpoint.
const OPEN: Duration = Duration::from_secs(10);
/// How long a delivery is postponed by the bulkhead.
const CROWDED: Duration = Duration::from_secs(1);

/// The limits of all agents. It contains only agents with deliveries in flight or recent failures.
#[derive(Debug, Default)]
pub(crate) struct TargetLimits(Mutex<HashMap<AgentId, Target>>);

#[derive(Debug, Default)]
struct Target {
    in_flight: usize,
    /// Failures in a row.
    failures: u32,
    /// Until when no delivery is allowed; `None` while the circuit breaker is closed.
    open_until: Option<Instant>,
}

/// Permission for one delivery, released on drop.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    limits: &'a TargetLimits,
    agent: AgentId,
}

impl TargetLimits {
    /// Permission for a delivery to an agent, or the time for which it is postponed.
    pub(crate) fn acquire(&self, agent: &AgentId) -> Result<Permit<'_>, Duration> {
        let mut targets = self.targets();
        let target = targets.entry(agent.clone()).or_default();
        match target.open_until {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                if !left.is_zero() || target.in_flight > 0 {
                    return Err(left.max(CROWDED));
                }
            }
            None if target.in_flight >= MAX_PER_AGENT => return Err(CROWDED),
            None => {}
        }
        target.in_flight += 1;
        Ok(Permit { limits: self, agent: agent.clone() })
    }

    fn targets(&self) -> MutexGuard<'_, HashMap<AgentId, Target>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The endpoint answered: its circuit breaker closes.
    pub(crate) fn succeeded(&self) {
        if let Some(target) = self.limits.targets().get_mut(&self.agent) {
            target.failures = 0;
            target.open_until = None;
        }
    }

    /// The endpoint failed.
    pub(crate) fn failed(&self) {
        if let Some(target) = self.limits.targets().get_mut(&self.agent) {
            target.failures = target.failures.saturating_add(1);
            if target.failures >= FAILURES {
                target.open_until = Some(Instant::now() + OPEN);
            }
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut targets = self.limits.targets();
        if let Some(target) = targets.get_mut(&self.agent) {
            target.in_flight -= 1;
            if target.in_flight == 0 && target.failures == 0 {
                targets.remove(&self.agent);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use switchboard_domain::identifier::AgentId;
    use switchboard_domain::time::Timestamp;
    use tokio::time::advance;

    use super::{CROWDED, FAILURES, MAX_PER_AGENT, OPEN, TargetLimits};

    fn agent(n: u8) -> AgentId {
        AgentId::new(Timestamp::from_seconds(0), [n; 10])
    }

    #[test]
    fn a_slow_agent_takes_only_its_share() {
        let limits = TargetLimits::default();
        let permits: Vec<_> =
            (0..MAX_PER_AGENT).map(|_| limits.acquire(&agent(1)).unwrap()).collect();
        assert_eq!(limits.acquire(&agent(1)).unwrap_err(), CROWDED);
        assert!(limits.acquire(&agent(2)).is_ok());
        drop(permits);
        assert!(limits.targets().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_agent_is_tested_by_one_delivery_at_a_time() {
        let limits = TargetLimits::default();
        for _ in 0..FAILURES {
            limits.acquire(&agent(1)).unwrap().failed();
        }
        assert_eq!(limits.acquire(&agent(1)).unwrap_err(), OPEN);
        let almost = OPEN.saturating_sub(Duration::from_millis(1));
        advance(almost).await;
        assert_eq!(limits.acquire(&agent(1)).unwrap_err(), CROWDED);
        advance(Duration::from_millis(1)).await;
        let test = limits.acquire(&agent(1)).unwrap();
        assert_eq!(limits.acquire(&agent(1)).unwrap_err(), CROWDED);
        test.failed();
        drop(test);
        assert_eq!(limits.acquire(&agent(1)).unwrap_err(), OPEN);
        advance(OPEN).await;
        limits.acquire(&agent(1)).unwrap().succeeded();
        let _two = [limits.acquire(&agent(1)).unwrap(), limits.acquire(&agent(1)).unwrap()];
    }
}
