//! The routing plan that decides for a number, as it is printed.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConfiguredNumber, DecidingPlan, PlanPlace, Store, StoreError};

use super::NumberView;

/// The routing plan that decides for a number, and where it is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::command_line) struct DecidingView {
    id: String,
    name: Option<String>,
    /// `number`, `account` or `organization`.
    attached_to: String,
}

impl DecidingView {
    fn of(plan: &DecidingPlan, name: Option<&Label>) -> Self {
        let attached_to = match plan.place {
            PlanPlace::Number(_) => "number",
            PlanPlace::Account(_) => "account",
            PlanPlace::Organization(_) => "organization",
        };
        Self {
            id: plan.id.to_string(),
            name: name.map(|name| name.as_str().to_owned()),
            attached_to: attached_to.to_owned(),
        }
    }

    /// For people.
    pub(in crate::command_line) fn text(&self) -> String {
        let Self { id, name, attached_to } = self;
        match name {
            Some(name) => format!("plan {name} ({id}) of the {attached_to}"),
            None => format!("plan {id} of the {attached_to}"),
        }
    }
}

/// The names of agents and plans, looked up once each.
#[derive(Default)]
pub(in crate::command_line) struct AnswererNames {
    agents: HashMap<AgentId, Option<Label>>,
    plans: HashMap<PlanId, Option<Label>>,
}

impl AnswererNames {
    /// The number with the names of its agent and of its plan.
    pub(in crate::command_line) async fn view(
        &mut self,
        store: &dyn Store,
        configured: &ConfiguredNumber,
    ) -> Result<NumberView, StoreError> {
        let agent = match &configured.number.assignment {
            Some(assignment) => self.agent(store, &assignment.agent).await?,
            None => None,
        };
        let plan = self.deciding(store, configured).await?;
        Ok(NumberView::of(configured, agent.as_ref(), plan))
    }

    /// The plan that decides for the number.
    pub(in crate::command_line) async fn deciding(
        &mut self,
        store: &dyn Store,
        configured: &ConfiguredNumber,
    ) -> Result<Option<DecidingView>, StoreError> {
        let Some(plan) = &configured.plan else { return Ok(None) };
        if !self.plans.contains_key(&plan.id) {
            let name = match Label::parse(plan.id.as_str()) {
                Ok(word) => match store.plans().find(&Scope::Operator, &word).await {
                    Ok(found) => found.map(|saved| saved.name),
                    // An unreadable plan is shown by its id.
                    Err(StoreError::Corrupt { .. }) => None,
                    Err(error) => return Err(error),
                },
                Err(_) => None,
            };
            self.plans.insert(plan.id.clone(), name);
        }
        let name = self.plans.get(&plan.id).and_then(Option::as_ref);
        Ok(Some(DecidingView::of(plan, name)))
    }

    async fn agent(
        &mut self,
        store: &dyn Store,
        id: &AgentId,
    ) -> Result<Option<Label>, StoreError> {
        if let Some(known) = self.agents.get(id) {
            return Ok(known.clone());
        }
        let found = store.agents().find(&Scope::Operator, id).await?;
        let name = found.map(|agent| agent.profile.name);
        self.agents.insert(id.clone(), name.clone());
        Ok(name)
    }
}
