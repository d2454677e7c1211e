//! The agents, calendars and lists that a plan names.

use super::compile::{Catalogue, KnownAgent};
use super::problem::ProblemKind;
use super::rule::PlanSpec;
use crate::agent::Label;

/// Names of agents, calendars and lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogueNames {
    /// Agents, by id, external id or name.
    pub agents: Vec<Label>,
    /// Calendars.
    pub calendars: Vec<Label>,
    /// Number lists.
    pub lists: Vec<Label>,
}

/// The agent that a word names: the agent with this id or external id, or else the only agent with this name.
pub(super) fn named_agent(
    catalogue: &dyn Catalogue,
    word: &Label,
) -> Result<KnownAgent, ProblemKind> {
    let mut found = catalogue.agents(word);
    let exact = |agent: &KnownAgent| {
        agent.id.as_str() == word.as_str() || agent.profile.external_id.as_ref() == Some(word)
    };
    if let Some(place) = found.iter().position(exact) {
        return Ok(found.swap_remove(place));
    }
    match (found.pop(), found.is_empty()) {
        (Some(agent), true) => Ok(agent),
        (Some(_), false) => Err(ProblemKind::AgentAmbiguous { word: word.clone() }),
        (None, _) => Err(ProblemKind::AgentUnknown { word: word.clone() }),
    }
}

impl PlanSpec {
    /// The names of all agents, calendars and lists in the plan, each once.
    pub fn names(&self) -> CatalogueNames {
        let mut names = CatalogueNames::default();
        for rule in &self.rules {
            names.lists.extend_from_slice(&rule.when.caller.lists);
            if let Some(schedule) = &rule.when.schedule {
                names.calendars.extend(schedule.calendars().cloned());
            }
            names.agents.extend(rule.then.agents.iter().map(|share| share.agent.clone()));
        }
        names.agents.extend(self.otherwise.agents.iter().map(|share| share.agent.clone()));
        for of_kind in [&mut names.agents, &mut names.calendars, &mut names.lists] {
            of_kind.sort_unstable();
            of_kind.dedup();
        }
        names
    }

    /// The same plan with the id of each agent instead of the word that names it, so that the plan stays the same when
    /// agents are renamed. A word that names no agent, or several, stays as it is.
    #[must_use]
    pub fn with_agent_ids(mut self, catalogue: &dyn Catalogue) -> Self {
        self.rename_agents(|word| {
            let agent = named_agent(catalogue, word).ok()?;
            Label::parse(agent.id.as_str()).ok()
        });
        self
    }

    /// The same plan with the name of each agent, for people. An agent whose name alone does not identify it keeps the
    /// word that the plan has.
    #[must_use]
    pub fn with_agent_names(mut self, catalogue: &dyn Catalogue) -> Self {
        self.rename_agents(|word| {
            let agent = named_agent(catalogue, word).ok()?;
            let is_same = |other: &KnownAgent| other.id == agent.id;
            let name = agent.profile.name.clone();
            named_agent(catalogue, &name).ok().is_some_and(|other| is_same(&other)).then_some(name)
        });
        self
    }

    /// The same plan with other words for its agents. A word that `rename` does not know stays as it is.
    #[must_use]
    pub fn with_agents(mut self, rename: impl Fn(&Label) -> Option<Label>) -> Self {
        self.rename_agents(rename);
        self
    }

    fn rename_agents(&mut self, rename: impl Fn(&Label) -> Option<Label>) {
        let thens = self.rules.iter_mut().map(|rule| &mut rule.then).chain([&mut self.otherwise]);
        for share in thens.flat_map(|then| &mut then.agents) {
            if let Some(word) = rename(&share.agent) {
                share.agent = word;
            }
        }
    }
}
