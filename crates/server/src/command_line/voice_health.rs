//! Health checks of voice servers by a command.
//!
//! The circuit breakers of voice servers are in the memory of each running server, where a command cannot look. It makes
//! the same health check itself, once, and says that it is its own.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::agent::{Label, VoiceTarget};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{CatalogueAgent, CatalogueStore, Reachability, StoreError};
use switchboard_domain::web_address::WebUrl;

use crate::failure::{Doing as _, Failure};
use crate::settings::Settings;
use crate::wiring;

/// Concurrency limit of the checks.
const MAX_CONCURRENT_CHECKS: usize = 16;
/// How long all checks of one command, or of one page, may take; servers that were not reached are unknown.
const ALL: Duration = Duration::from_secs(6);

/// How agents with a voice server that is down are described.
pub(super) const DOWN: &str = "its voice server does not answer a health check from this machine";

/// The health of an agent's voice server, as this machine sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VoiceHealth {
    Up,
    Down,
    /// The check could not be made, or the address may not be connected to.
    Unknown,
}

impl VoiceHealth {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

/// Agents that share a server are checked once.
type Server = (VoiceTarget, Option<WebUrl>);

/// The health of the voice servers of agents. Agents without a voice target have the one of the installation. Agents
/// whose calls go to no server, such as a phone, are left out.
pub(super) async fn check(
    catalogue: &dyn CatalogueStore,
    settings: &Settings,
    organization: &OrganizationId,
    agents: impl IntoIterator<Item = &AgentId>,
) -> Result<HashMap<AgentId, VoiceHealth>, Failure> {
    let words = agents.into_iter().filter_map(|id| Label::parse(id.as_str()).ok()).collect();
    let found = of_agents(catalogue, organization, words).await;
    check_agents(settings, organization, found.doing("reading the voice servers of agents")?).await
}

async fn of_agents(
    catalogue: &dyn CatalogueStore,
    organization: &OrganizationId,
    words: Vec<Label>,
) -> Result<Vec<CatalogueAgent>, StoreError> {
    let names = CatalogueNames { agents: words, ..CatalogueNames::default() };
    Ok(catalogue.materials(organization, &names).await?.agents)
}

async fn check_agents(
    settings: &Settings,
    organization: &OrganizationId,
    agents: Vec<CatalogueAgent>,
) -> Result<HashMap<AgentId, VoiceHealth>, Failure> {
    let mut servers: Vec<(Server, Vec<AgentId>)> = Vec::new();
    for agent in agents {
        let Some(target) = agent.profile.voice_target.as_ref().or(settings.voice_server.as_ref())
        else {
            continue;
        };
        if !target.has_server() {
            continue;
        }
        let server = (target.clone(), agent.limits.health_url);
        match servers.iter_mut().find(|(known, _)| *known == server) {
            Some((_, agents)) => agents.push(agent.id),
            None => servers.push((server, vec![agent.id])),
        }
    }
    if servers.is_empty() {
        return Ok(HashMap::new());
    }
    let probe =
        wiring::voice_probe(settings.target_networks.clone()).doing("preparing health checks")?;
    let probe = &probe;
    let mut health: HashMap<AgentId, VoiceHealth> = HashMap::new();
    for (_, agents) in &servers {
        health.extend(agents.iter().map(|agent| (agent.clone(), VoiceHealth::Unknown)));
    }
    let checks = servers.into_iter().map(|((target, health_url), agents)| async move {
        let found = probe.check(organization, &target, health_url).await;
        (agents, found)
    });
    let mut checks = std::pin::pin!(stream::iter(checks).buffer_unordered(MAX_CONCURRENT_CHECKS));
    let deadline = tokio::time::Instant::now() + ALL;
    while let Ok(Some((agents, found))) = tokio::time::timeout_at(deadline, checks.next()).await {
        let found = match found {
            Reachability::Reachable => VoiceHealth::Up,
            Reachability::Unreachable => VoiceHealth::Down,
            Reachability::Unknown => VoiceHealth::Unknown,
        };
        health.extend(agents.into_iter().map(|agent| (agent, found)));
    }
    Ok(health)
}
