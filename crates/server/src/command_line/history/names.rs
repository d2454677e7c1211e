//! The names of what records refer to by ids, looked up once each.

use std::collections::HashMap;

use switchboard_application_management::find_sender;
use switchboard_domain::address::Address;
use switchboard_domain::agent::Label;
use switchboard_domain::call::{AttemptDestination, CallRecord, RuleRef};
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Store, StoreError};
use switchboard_domain::sender::Sender;

use crate::command_line::view::{AgentRefView, PlanRefView};

/// The names of agents and plans, and which numbers are stored.
pub(super) struct Names<'a> {
    store: &'a dyn Store,
    agents: HashMap<AgentId, AgentRefView>,
    plans: HashMap<PlanId, Option<String>>,
    numbers: HashMap<Sender, bool>,
}

impl<'a> Names<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self { store, agents: HashMap::new(), plans: HashMap::new(), numbers: HashMap::new() }
    }

    /// An agent; one that was removed has no name.
    pub(super) async fn agent(&mut self, id: &AgentId) -> Result<AgentRefView, StoreError> {
        if let Some(agent) = self.agents.get(id) {
            return Ok(agent.clone());
        }
        let found = self.store.agents().find(&Scope::Operator, id).await?;
        let view = AgentRefView::of(id, found.as_ref().map(|agent| &agent.profile));
        self.agents.insert(id.clone(), view.clone());
        Ok(view)
    }

    /// The agent of a decision, if there is one.
    pub(super) async fn agent_of(
        &mut self,
        id: Option<&AgentId>,
    ) -> Result<Option<AgentRefView>, StoreError> {
        match id {
            Some(id) => self.agent(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The agent that a number is assigned to now.
    pub(super) async fn assigned(
        &mut self,
        number: Option<&Address>,
    ) -> Result<Option<AgentRefView>, StoreError> {
        let Some(address) = number else { return Ok(None) };
        let number = find_sender(self.store.numbers(), &Scope::Operator, address).await?;
        let assigned = number.and_then(|number| number.assignment);
        self.agent_of(assigned.as_ref().map(|assigned| &assigned.agent)).await
    }

    /// The agents of the attempts of a call, in their order.
    pub(super) async fn tried(
        &mut self,
        call: &CallRecord,
    ) -> Result<Vec<Option<AgentRefView>>, StoreError> {
        let mut tried = Vec::with_capacity(call.attempts.len());
        for attempt in &call.attempts {
            tried.push(match &attempt.destination {
                AttemptDestination::Agent(id) => Some(self.agent(id).await?),
                AttemptDestination::Action(_) | AttemptDestination::Exhausted => None,
            });
        }
        Ok(tried)
    }

    /// The plan of a rule; one that was removed has no name.
    pub(super) async fn plan_of(
        &mut self,
        rule: Option<&RuleRef>,
    ) -> Result<Option<PlanRefView>, StoreError> {
        let Some(rule) = rule else { return Ok(None) };
        if !self.plans.contains_key(&rule.plan) {
            let found = match Label::parse(rule.plan.as_str()) {
                Ok(word) => self.store.plans().find(&Scope::Operator, &word).await?,
                Err(_blank) => None,
            };
            let name = found.map(|plan| plan.name.as_str().to_owned());
            self.plans.insert(rule.plan.clone(), name);
        }
        let name = self.plans.get(&rule.plan).cloned().flatten();
        Ok(Some(PlanRefView::of(rule, name)))
    }

    /// Whether the record is about a call or message from one of our numbers: the recipient is none of them, but the
    /// sender is.
    pub(super) async fn is_outbound(
        &mut self,
        from: Option<&Address>,
        to: Option<&Address>,
    ) -> Result<bool, StoreError> {
        Ok(!self.is_ours(to).await? && self.is_ours(from).await?)
    }

    async fn is_ours(&mut self, side: Option<&Address>) -> Result<bool, StoreError> {
        let Some((address, sender)) = side.and_then(|side| Some((side, Sender::of(side)?))) else {
            return Ok(false);
        };
        if let Some(is_ours) = self.numbers.get(&sender) {
            return Ok(*is_ours);
        }
        let found = find_sender(self.store.numbers(), &Scope::Operator, address).await?;
        let is_ours = found.is_some();
        self.numbers.insert(sender, is_ours);
        Ok(is_ours)
    }
}
