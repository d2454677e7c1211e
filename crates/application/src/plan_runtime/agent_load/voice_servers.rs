//! The voice servers and handlers of agents, with their circuit breakers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::web_address::WebUrl;

use super::super::circuit_breaker::CircuitBreaker;

/// Seconds after which a call counts as connected to a voice server that reported no failure.
const STREAM_CONNECTED_AFTER: i64 = 3;
/// The same for a handler, which has five seconds to answer.
const HANDLER_CONNECTED_AFTER: i64 = 6;

/// A voice server and its circuit breaker.
#[derive(Debug)]
pub(in super::super) struct Server {
    pub(in super::super) organization: OrganizationId,
    pub(in super::super) breaker: CircuitBreaker,
    pub(in super::super) target: VoiceTarget,
    /// Empty until it could be read.
    health_url: OnceLock<Option<WebUrl>>,
}

impl Server {
    fn new(organization: &OrganizationId, target: &VoiceTarget) -> Self {
        let connected_after = match target {
            VoiceTarget::Twilio(_) => HANDLER_CONNECTED_AFTER,
            VoiceTarget::Stream(_)
            | VoiceTarget::ConversationRelay(_)
            | VoiceTarget::Redirect(_)
            | VoiceTarget::Dial(_) => STREAM_CONNECTED_AFTER,
        };
        Self {
            organization: organization.clone(),
            breaker: CircuitBreaker::new(connected_after),
            target: target.clone(),
            health_url: OnceLock::new(),
        }
    }

    /// The URL of the health check, if there is one and it could be read.
    pub(in super::super) fn health_url(&self) -> Option<WebUrl> {
        self.health_url.get().cloned().flatten()
    }
}

/// By organization and address, because the calls of one organization say nothing about the
/// calls of others.
#[derive(Default)]
pub(super) struct VoiceServers(Mutex<HashMap<(OrganizationId, String), Arc<Server>>>);

impl VoiceServers {
    /// The voice server with a health check at this URL.
    pub(super) fn of(
        &self,
        organization: &OrganizationId,
        target: &VoiceTarget,
        health_url: Option<&WebUrl>,
    ) -> Arc<Server> {
        let address = format!("{} {}", target.value(), health_url.map_or("", WebUrl::as_str));
        let mut servers = self.locked();
        if let Some(server) = servers.get(&(organization.clone(), address.clone())) {
            return Arc::clone(server);
        }
        let unread = servers.remove(&(organization.clone(), unread_address(target)));
        let server = unread.unwrap_or_else(|| Arc::new(Server::new(organization, target)));
        // It was empty, and others wait for the lock.
        let _empty = server.health_url.set(health_url.cloned());
        servers.insert((organization.clone(), address), Arc::clone(&server));
        server
    }

    /// A voice server whose health check is not known now: the one that was known before, or a new one that
    /// [`Self::of`] finds once the URL is known.
    pub(super) fn known(&self, organization: &OrganizationId, target: &VoiceTarget) -> Arc<Server> {
        let mut servers = self.locked();
        let is_same = |server: &&Arc<Server>| {
            server.organization == *organization && server.target == *target
        };
        if let Some(known) = servers.values().find(is_same) {
            return Arc::clone(known);
        }
        let new = || Arc::new(Server::new(organization, target));
        let key = (organization.clone(), unread_address(target));
        Arc::clone(servers.entry(key).or_insert_with(new))
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Arc<Server>> {
        self.locked().values().cloned().collect()
    }

    /// Forgets those that no agent has.
    pub(super) fn forget_unused(&self) {
        self.locked().retain(|_, server| Arc::strong_count(server) > 1);
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(OrganizationId, String), Arc<Server>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of a server whose health check is not known. No URL is `?`.
fn unread_address(target: &VoiceTarget) -> String {
    format!("{} ?", target.value())
}
