//! Who answers numbers: the names of their agents and of the routing plans that decide for them, looked up once each.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConfiguredNumber, DecidingPlan, Store, StoreError};

/// Who answers a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerer {
    /// The name of the agent that the number is assigned to.
    pub agent: Option<Label>,
    /// The plan that decides for it.
    pub plan: Option<NamedPlan>,
}

/// The plan that decides for a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPlan {
    /// The plan, and what it is attached to.
    pub plan: DecidingPlan,
    /// Its name; `None` if the plan cannot be read.
    pub name: Option<Label>,
}

/// Looks up who answers numbers.
pub struct Answerers {
    store: Arc<dyn Store>,
    scope: Scope,
    agents: HashMap<AgentId, Option<Label>>,
    plans: HashMap<PlanId, Option<Label>>,
}

impl Answerers {
    /// Looks up names within a scope.
    pub fn new(store: Arc<dyn Store>, scope: Scope) -> Self {
        Self { store, scope, agents: HashMap::new(), plans: HashMap::new() }
    }

    /// Who answers a number.
    pub async fn of(&mut self, configured: &ConfiguredNumber) -> Result<Answerer, StoreError> {
        let agent = match &configured.number.assignment {
            Some(assignment) => self.agent(&assignment.agent).await?,
            None => None,
        };
        let plan = match &configured.plan {
            Some(plan) => {
                let name = self.plan(&plan.id).await?;
                Some(NamedPlan { plan: plan.clone(), name })
            }
            None => None,
        };
        Ok(Answerer { agent, plan })
    }

    async fn plan(&mut self, id: &PlanId) -> Result<Option<Label>, StoreError> {
        if let Some(known) = self.plans.get(id) {
            return Ok(known.clone());
        }
        let plans = self.store.plans();
        let name = match Label::parse(id.as_str()) {
            Ok(word) => match plans.find(&self.scope, &word).await {
                Ok(found) => found.map(|saved| saved.name),
                // An unreadable plan is shown by its id.
                Err(StoreError::Corrupt { .. }) => None,
                Err(error) => return Err(error),
            },
            Err(_) => None,
        };
        self.plans.insert(id.clone(), name.clone());
        Ok(name)
    }

    async fn agent(&mut self, id: &AgentId) -> Result<Option<Label>, StoreError> {
        if let Some(known) = self.agents.get(id) {
            return Ok(known.clone());
        }
        let agents = self.store.agents();
        let name = match agents.find(&self.scope, id).await {
            Ok(found) => found.map(|agent| agent.profile.name),
            // An unreadable agent is shown by its id.
            Err(StoreError::Corrupt { .. }) => None,
            Err(error) => return Err(error),
        };
        self.agents.insert(id.clone(), name.clone());
        Ok(name)
    }
}
