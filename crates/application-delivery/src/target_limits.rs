//! What one target and one organization may take of the worker, so that a slow or dead endpoint delays no other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchboard_domain::delivery::{Busy, DeliveryTarget};
use switchboard_domain::identifier::OrganizationId;
use tokio::time::Instant;

/// The maximum number of concurrent attempts.
pub(crate) const MAX_CONCURRENT: usize = 512;
/// The maximum number of concurrent attempts at one target.
pub(crate) const MAX_PER_TARGET: usize = 32;
/// The part of its organization's free attempts that one target may take, so that many targets that never answer leave
/// some to the others.
const SHARE_OF_FREE: usize = 8;
/// How many failures in a row open the circuit breaker.
const FAILURES: u32 = 5;
/// How long an open circuit breaker allows no delivery at first. Then one delivery at a time tests the target.
const OPEN: Duration = Duration::from_secs(10);
/// The longest time for which an open circuit breaker allows no delivery: each failed test doubles the time up to this.
const MAX_OPEN: Duration = Duration::from_secs(60);
/// The number of targets from which those without deliveries in flight are forgotten once their circuit breaker may close.
const MANY: usize = 10_000;
/// The maximum number of busy targets that a worker leaves out. Deliveries to further ones are claimed and postponed.
const MAX_BUSY: usize = 500;

/// The limits of all targets and organizations.
#[derive(Debug, Default)]
pub(crate) struct TargetLimits(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Only targets with attempts in flight or recent failures.
    targets: HashMap<DeliveryTarget, Target>,
    /// The attempts in flight of each organization.
    organizations: HashMap<OrganizationId, usize>,
    in_flight: usize,
}

#[derive(Debug)]
struct Target {
    organization: OrganizationId,
    in_flight: usize,
    /// Failures in a row.
    failures: u32,
    /// Until when no delivery is allowed; `None` while the circuit breaker is closed.
    open_until: Option<Instant>,
    /// Until when the target wants no delivery; `None` if it did not say so.
    paused_until: Option<Instant>,
}

impl Target {
    const fn new(organization: OrganizationId) -> Self {
        Self { organization, in_flight: 0, failures: 0, open_until: None, paused_until: None }
    }

    /// How long a delivery has to wait while its organization has so many free attempts; `None` if it can be attempted.
    fn wait(&self, now: Instant, free: usize) -> Option<Duration> {
        if let Some(until) = self.paused_until.filter(|until| now < *until) {
            return Some(until.duration_since(now));
        }
        match self.open_until {
            Some(until) if now < until => Some(until.duration_since(now)),
            // The target is being tested.
            Some(_) if self.in_flight > 0 => Some(open_time(self.failures)),
            None if self.in_flight >= max_of_target(free) => Some(Duration::ZERO),
            Some(_) | None => None,
        }
    }

    fn is_idle(&self, now: Instant) -> bool {
        let is_over = |until: Option<Instant>| until.is_none_or(|until| until <= now);
        self.in_flight == 0 && is_over(self.open_until) && is_over(self.paused_until)
    }
}

/// How many concurrent attempts one target may have while its organization has so many free ones.
fn max_of_target(free: usize) -> usize {
    (free / SHARE_OF_FREE).clamp(1, MAX_PER_TARGET)
}

/// How long the circuit breaker opens after this many failures in a row.
fn open_time(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(FAILURES).min(8);
    MAX_OPEN.min(OPEN * 2_u32.pow(doublings))
}

/// Permission for one attempt, released on drop.
#[derive(Debug)]
pub(crate) struct Permit {
    limits: Arc<TargetLimits>,
    target: DeliveryTarget,
    organization: OrganizationId,
}

impl State {
    /// How many more attempts an organization may begin: in all it gets at most as many as are left for the others.
    fn free(&self, organization: &OrganizationId) -> usize {
        let taken = self.organizations.get(organization).copied().unwrap_or_default();
        MAX_CONCURRENT.saturating_sub(self.in_flight).saturating_sub(taken)
    }
}

impl TargetLimits {
    /// Permission for an attempt, or the time for which the delivery is postponed. Zero means that it stays due, and is
    /// claimed as soon as it is not [busy](Self::busy) any more.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        target: &DeliveryTarget,
        organization: &OrganizationId,
    ) -> Result<Permit, Duration> {
        let now = Instant::now();
        let mut state = self.state();
        let free = state.free(organization);
        if free == 0 {
            return Err(Duration::ZERO);
        }
        if state.targets.len() >= MANY {
            state.targets.retain(|_, target| !target.is_idle(now));
        }
        let new = || Target::new(organization.clone());
        let limits = state.targets.entry(target.clone()).or_insert_with(new);
        if let Some(wait) = limits.wait(now, free) {
            return Err(wait);
        }
        limits.in_flight += 1;
        state.in_flight += 1;
        *state.organizations.entry(organization.clone()).or_default() += 1;
        let (target, organization) = (target.clone(), organization.clone());
        Ok(Permit { limits: Arc::clone(self), target, organization })
    }

    /// To what no delivery can be made now.
    pub(crate) fn busy(&self) -> Busy {
        let now = Instant::now();
        let state = self.state();
        let is_busy =
            |target: &Target| target.wait(now, state.free(&target.organization)).is_some();
        let targets = state.targets.iter().filter(|(_, target)| is_busy(target));
        let organizations = state.organizations.keys().filter(|id| state.free(id) == 0);
        Busy {
            targets: targets.map(|(target, _)| target.clone()).take(MAX_BUSY).collect(),
            organizations: organizations.cloned().collect(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The target answered: its circuit breaker closes.
    pub(crate) fn succeeded(&self) {
        if let Some(target) = self.limits.state().targets.get_mut(&self.target) {
            target.failures = 0;
            target.open_until = None;
        }
    }

    /// The target failed.
    pub(crate) fn failed(&self) {
        if let Some(target) = self.limits.state().targets.get_mut(&self.target) {
            target.failures = target.failures.saturating_add(1);
            if target.failures >= FAILURES {
                target.open_until = Some(Instant::now() + open_time(target.failures));
            }
        }
    }
}

impl Permit {
    /// The target wants no delivery for this time.
    pub(crate) fn pause(&self, time: Duration) {
        if let Some(target) = self.limits.state().targets.get_mut(&self.target) {
            let until = Instant::now() + time;
            target.paused_until = target.paused_until.max(Some(until));
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.limits.state();
        state.in_flight -= 1;
        if let Some(target) = state.targets.get_mut(&self.target) {
            target.in_flight -= 1;
            let is_paused = target.paused_until.is_some_and(|until| Instant::now() < until);
            if target.in_flight == 0 && target.failures == 0 && !is_paused {
                state.targets.remove(&self.target);
            }
        }
        if let Some(taken) = state.organizations.get_mut(&self.organization) {
            *taken -= 1;
            if *taken == 0 {
                state.organizations.remove(&self.organization);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use switchboard_domain::delivery::DeliveryTarget;
    use switchboard_domain::identifier::{AgentId, OrganizationId};
    use switchboard_domain::time::Timestamp;
    use tokio::time::advance;

    use super::{FAILURES, MAX_CONCURRENT, MAX_OPEN, MAX_PER_TARGET, OPEN, Permit, TargetLimits};

    fn agent(n: u8) -> DeliveryTarget {
        DeliveryTarget::Agent(AgentId::new(Timestamp::from_seconds(0), [n; 10]))
    }

    fn organization(n: u8) -> OrganizationId {
        OrganizationId::new(Timestamp::from_seconds(0), [n; 10])
    }

    fn acquire(limits: &Arc<TargetLimits>, n: u8) -> Result<Permit, Duration> {
        limits.acquire(&agent(n), &organization(1))
    }

    #[test]
    fn a_slow_agent_takes_only_its_share() {
        let limits = Arc::new(TargetLimits::default());
        let permits: Vec<_> = (0..MAX_PER_TARGET).map(|_| acquire(&limits, 1).unwrap()).collect();
        assert_eq!(acquire(&limits, 1).unwrap_err(), Duration::ZERO);
        assert_eq!(limits.busy().targets, [agent(1)]);
        assert!(acquire(&limits, 2).is_ok());
        drop(permits);
        assert!(limits.state().targets.is_empty());
    }

    /// Without this, eight agents that never answer would stop all agents of their organization.
    #[test]
    fn a_hundred_agents_that_never_answer_leave_attempts_to_others() {
        let limits = Arc::new(TargetLimits::default());
        let mut held = Vec::new();
        for _ in 0..MAX_PER_TARGET {
            held.extend((0..100).filter_map(|n| acquire(&limits, n).ok()));
        }
        assert_eq!(limits.busy().targets.len(), 100);
        assert!(held.len() >= 200, "{}", held.len());
        let others: Vec<_> = (101..=110).map(|n| acquire(&limits, n)).collect();
        assert!(others.iter().all(Result::is_ok), "{} are held", held.len());
    }

    #[test]
    fn an_organization_leaves_half_of_the_rest_to_others() {
        let limits = Arc::new(TargetLimits::default());
        let take = |n: u8| {
            let all = (0..=u8::MAX).flat_map(|agent| [agent; MAX_PER_TARGET]);
            let permits = all.filter_map(|of| limits.acquire(&agent(of), &organization(n)).ok());
            permits.collect::<Vec<_>>()
        };
        let ours = take(1);
        assert_eq!(ours.len(), MAX_CONCURRENT / 2);
        assert_eq!(limits.busy().organizations, [organization(1)]);
        let free = agent(200);
        assert_eq!(limits.acquire(&free, &organization(1)).unwrap_err(), Duration::ZERO);
        assert!(limits.acquire(&free, &organization(2)).is_ok());
        drop(ours);
        let state = limits.state();
        assert!(state.organizations.is_empty() && state.targets.is_empty());
        assert_eq!(state.in_flight, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_agent_is_tested_by_one_delivery_at_a_time() {
        let limits = Arc::new(TargetLimits::default());
        for _ in 0..FAILURES {
            acquire(&limits, 1).unwrap().failed();
        }
        assert_eq!(acquire(&limits, 1).unwrap_err(), OPEN);
        assert_eq!(limits.busy().targets, [agent(1)]);
        advance(OPEN).await;
        assert_eq!(limits.busy().targets, []);
        let test = acquire(&limits, 1).unwrap();
        assert_eq!(acquire(&limits, 1).unwrap_err(), OPEN);
        assert_eq!(limits.busy().targets, [agent(1)]);
        test.failed();
        drop(test);
        assert_eq!(acquire(&limits, 1).unwrap_err(), 2 * OPEN);
        for _ in 0..5 {
            advance(MAX_OPEN).await;
            acquire(&limits, 1).unwrap().failed();
        }
        assert_eq!(acquire(&limits, 1).unwrap_err(), MAX_OPEN);
        advance(MAX_OPEN).await;
        acquire(&limits, 1).unwrap().succeeded();
        let _two = [acquire(&limits, 1).unwrap(), acquire(&limits, 1).unwrap()];
    }

    #[tokio::test(start_paused = true)]
    async fn a_paused_target_gets_nothing_although_others_of_its_requests_succeed() {
        let limits = Arc::new(TargetLimits::default());
        let (one, other) = (acquire(&limits, 1).unwrap(), acquire(&limits, 1).unwrap());
        one.failed();
        one.pause(MAX_OPEN);
        one.pause(OPEN);
        other.succeeded();
        drop((one, other));
        assert_eq!(acquire(&limits, 1).unwrap_err(), MAX_OPEN);
        assert_eq!(limits.busy().targets, [agent(1)]);
        assert!(acquire(&limits, 2).is_ok());
        advance(MAX_OPEN).await;
        let _two = [acquire(&limits, 1).unwrap(), acquire(&limits, 1).unwrap()];
    }
}
