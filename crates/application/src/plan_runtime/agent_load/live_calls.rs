//! The calls of agents in this process. Each organization has a share of the places.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::call::CallKey;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::super::circuit_breaker::EndedBy;
use super::{Outcome, Server, TrackedAgent};

pub(super) struct LiveCall {
    pub(super) agent: Arc<TrackedAgent>,
    /// The voice server of the call. The agent may have another one by now.
    pub(super) server: Option<Arc<Server>>,
    pub(super) account: AccountSid,
    pub(super) since: Timestamp,
}

impl LiveCall {
    /// Reports the outcome to the voice server's circuit breaker.
    pub(super) fn report(&self, outcome: Outcome, now: Timestamp) {
        let Some(server) = &self.server else { return };
        let seconds = now.seconds() - self.since.seconds();
        match outcome {
            Outcome::Done => server.breaker.call_ended(self.account, seconds, EndedBy::Agent),
            Outcome::CallOver => server.breaker.call_ended(self.account, seconds, EndedBy::Caller),
            Outcome::Failed => server.breaker.call_failed(self.account),
        }
    }
}

/// An organization gets a place only while it holds fewer places than are free. Therefore, one
/// organization fills at most half of the places, and an organization without calls always gets
/// one.
pub(super) struct LiveCalls {
    places: usize,
    calls: HashMap<CallKey, LiveCall>,
    held: HashMap<OrganizationId, usize>,
}

impl LiveCalls {
    pub(super) fn new(places: usize) -> Self {
        Self { places, calls: HashMap::new(), held: HashMap::new() }
    }

    pub(super) fn get(&self, call: CallKey) -> Option<&LiveCall> {
        self.calls.get(&call)
    }

    /// Whether no call is counted.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Whether an organization gets a place for one more call.
    pub(super) fn has_room(&self, organization: &OrganizationId) -> bool {
        let free = self.places.saturating_sub(self.calls.len());
        self.held.get(organization).copied().unwrap_or_default() < free
    }

    /// Adds a call, or moves it to another agent. Returns the previous entry.
    pub(super) fn insert(&mut self, key: CallKey, call: LiveCall) -> Option<LiveCall> {
        let organization = call.agent.organization.clone();
        let before = self.calls.insert(key, call);
        *self.held.entry(organization).or_default() += 1;
        if let Some(before) = &before {
            release(&mut self.held, before);
        }
        before
    }

    pub(super) fn remove(&mut self, call: CallKey) -> Option<LiveCall> {
        let removed = self.calls.remove(&call);
        if let Some(removed) = &removed {
            release(&mut self.held, removed);
        }
        removed
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&CallKey, &LiveCall) -> bool) {
        let held = &mut self.held;
        self.calls.retain(|key, call| {
            let kept = keep(key, call);
            if !kept {
                release(held, call);
            }
            kept
        });
    }
}

fn release(held: &mut HashMap<OrganizationId, usize>, call: &LiveCall) {
    let organization = &call.agent.organization;
    if let Some(count) = held.get_mut(organization) {
        *count -= 1;
        if *count == 0 {
            held.remove(organization);
        }
    }
}
