//! The check of voice servers: whether they answer this machine.

use std::collections::HashMap;

use switchboard_domain::agent::AgentState;
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, Store};

use super::check::Check;
use super::unanswered;
use crate::command_line::voice_health::{self, VoiceHealth};
use crate::settings::{Settings, TARGET_NETWORKS};

const NAME: &str = "voice servers";
const PAGE: u32 = 100;
/// Agents whose servers are checked; most share few servers.
const MAX_AGENTS: usize = 1_000;

/// A warning if servers of enabled agents do not answer. No check if no agent has a server.
pub(super) async fn check(settings: &Settings, store: &dyn Store) -> Option<Check> {
    let mut organizations: HashMap<OrganizationId, Vec<(AgentId, String)>> = HashMap::new();
    let (mut page, mut count) = (Page::first(PAGE), 0);
    while count < MAX_AGENTS {
        let agents = match store.agents().list(&Scope::Operator, &page).await {
            Ok(agents) => agents,
            Err(error) => return Some(unanswered(NAME, &error)),
        };
        let Some(last) = agents.last() else { break };
        page = Page::behind(last.id.clone(), PAGE);
        count += agents.len();
        for agent in agents.into_iter().filter(|agent| agent.profile.state == AgentState::Enabled) {
            let named = (agent.id, agent.profile.name.as_str().to_owned());
            organizations.entry(agent.organization).or_default().push(named);
        }
    }
    let (mut up, mut unknown, mut down) = (0_usize, 0_usize, Vec::new());
    for (organization, agents) in organizations {
        let ids = agents.iter().map(|(id, _)| id);
        let found = voice_health::check(store.catalogue(), settings, &organization, ids).await;
        let health = match found {
            Ok(health) => health,
            Err(failure) => {
                let detail = format!("could not be checked: {}", failure.causes());
                return Some(Check::warn(NAME, detail, "run `switchboard doctor` again"));
            }
        };
        for (id, name) in agents {
            match health.get(&id) {
                Some(VoiceHealth::Up) => up += 1,
                Some(VoiceHealth::Down) => down.push(name),
                Some(VoiceHealth::Unknown) => unknown += 1,
                None => {}
            }
        }
    }
    Some(match down.first() {
        Some(first) => Check::warn(
            NAME,
            format!(
                "those of {} do not answer this machine; the first: agent {first:?}",
                counted(down.len(), "agent")
            ),
            "start them, or correct the agents' targets; running servers skip an agent of a routing plan while its server is down",
        ),
        None if unknown > 0 => Check::warn(
            NAME,
            format!("this machine could not check those of {}", counted(unknown, "agent")),
            format!(
                "check the DNS names of the agents' targets; for servers in a private network, list it in {TARGET_NETWORKS}"
            ),
        ),
        None if up > 0 => {
            Check::ok(NAME, format!("those of {} answer this machine", counted(up, "agent")))
        }
        None => return None,
    })
}
