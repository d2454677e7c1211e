//! What agents take: calls at once, hours, and how their voice servers are looked at.

use std::sync::Arc;

use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentLimits, CatalogueNames, CatalogueStore, Entity, PlanReader, StoreError,
};
use switchboard_domain::web_address::WebUrl;

use super::PlanError;
use crate::manage::{Edit, ManageError};

/// What changes about an agent's limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitChange {
    /// Another number of calls at once, or any number.
    pub capacity: Edit<u32>,
    /// Other hours, as a document that is to be kept, or none.
    pub hours: Edit<String>,
    /// Another URL that says whether the voice server is well, or none.
    pub health_url: Edit<WebUrl>,
}

/// Changes what agents take.
pub struct ChangeLimits {
    /// Where limits are kept.
    pub catalogue: Arc<dyn CatalogueStore>,
    /// Reads hours.
    pub reader: Arc<dyn PlanReader>,
}

impl ChangeLimits {
    /// What an agent takes.
    pub async fn limits(&self, agent: &Agent) -> Result<AgentLimits, PlanError> {
        // An id is a word of one agent.
        let word = Label::parse(agent.id.as_str()).into_iter().collect();
        let names = CatalogueNames { agents: word, ..CatalogueNames::default() };
        let materials = self.catalogue.materials(&agent.organization, &names).await;
        let materials = materials.map_err(PlanError::store("reading the agent's limits"))?;
        let mut found = materials.agents.into_iter().filter(|known| known.id == agent.id);
        Ok(found.next().map(|known| known.limits).unwrap_or_default())
    }

    /// Changes what the change names and keeps the rest. Hours have to be readable, and their calendars there.
    pub async fn change(
        &self,
        scope: &Scope,
        agent: &Agent,
        change: LimitChange,
    ) -> Result<AgentLimits, PlanError> {
        if let Edit::Set(hours) = &change.hours {
            self.check(agent, hours).await?;
        }
        let before = self.limits(agent).await?;
        let limits = AgentLimits {
            capacity: change.capacity.apply(before.capacity),
            hours: change.hours.apply(before.hours),
            health_url: change.health_url.apply(before.health_url),
        };
        match self.catalogue.set_limits(scope, &agent.id, &limits).await {
            Ok(()) => Ok(limits),
            Err(StoreError::Missing { entity: Entity::Agent }) => {
                Err(ManageError::AgentUnknown { word: agent.id.to_string() }.into())
            }
            Err(source) => Err(PlanError::Store { doing: "changing the agent's limits", source }),
        }
    }

    async fn check(&self, agent: &Agent, hours: &str) -> Result<(), PlanError> {
        let hours = self.reader.hours(hours).map_err(|problems| PlanError::Wrong { problems })?;
        let calendars: Vec<Label> = hours.calendars().cloned().collect();
        let names = CatalogueNames { calendars: calendars.clone(), ..CatalogueNames::default() };
        let materials = self.catalogue.materials(&agent.organization, &names).await;
        let known = materials.map_err(PlanError::store("reading calendars"))?.calendars;
        match calendars.into_iter().find(|name| !known.iter().any(|(known, _)| known == name)) {
            Some(name) => Err(PlanError::MaterialUnknown { entity: Entity::Calendar, name }),
            None => Ok(()),
        }
    }
}
