//! The names of what records refer to by ids, looked up once each.

use std::collections::HashMap;

use switchboard_application_management::find_sender;
use switchboard_domain::address::Address;
use switchboard_domain::agent::{Label, MessageTarget};
use switchboard_domain::call::{AttemptDestination, CallRecord, RuleRef};
use switchboard_domain::delivery::{Delivery, QueueOwner};
use switchboard_domain::identifier::{AgentId, PlanId, SubscriptionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Store, StoreError};
use switchboard_domain::sender::Sender;
use switchboard_domain::web_address::WebUrl;

use crate::objects::{AgentRefObject, PlanRefObject};

/// The names of agents and plans, and which numbers are stored.
pub(crate) struct Names<'a> {
    store: &'a dyn Store,
    scope: &'a Scope,
    agents: HashMap<AgentId, KnownAgent>,
    subscriptions: HashMap<SubscriptionId, Option<WebUrl>>,
    plans: HashMap<PlanId, Option<String>>,
    numbers: HashMap<Sender, bool>,
}

/// What is shown of an agent.
#[derive(Clone)]
struct KnownAgent {
    reference: AgentRefObject,
    /// The endpoint that gets its messages.
    endpoint: Option<WebUrl>,
}

impl<'a> Names<'a> {
    /// Looks up names within a scope.
    pub(crate) fn new(store: &'a dyn Store, scope: &'a Scope) -> Self {
        Self {
            store,
            scope,
            agents: HashMap::new(),
            subscriptions: HashMap::new(),
            plans: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// An agent; one that was removed has no name.
    pub(crate) async fn agent(&mut self, id: &AgentId) -> Result<AgentRefObject, StoreError> {
        Ok(self.known(id).await?.reference)
    }

    async fn known(&mut self, id: &AgentId) -> Result<KnownAgent, StoreError> {
        if let Some(known) = self.agents.get(id) {
            return Ok(known.clone());
        }
        let found = self.store.agents().find(self.scope, id).await?;
        let profile = found.as_ref().map(|agent| &agent.profile);
        let target = profile.and_then(|profile| profile.message_target.as_ref());
        let known = KnownAgent {
            reference: AgentRefObject::of(id, profile),
            endpoint: target.and_then(MessageTarget::endpoint).cloned(),
        };
        self.agents.insert(id.clone(), known.clone());
        Ok(known)
    }

    /// The agent of a decision, if there is one.
    pub(crate) async fn agent_of(
        &mut self,
        id: Option<&AgentId>,
    ) -> Result<Option<AgentRefObject>, StoreError> {
        match id {
            Some(id) => self.agent(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The agent that a number is assigned to now.
    pub(crate) async fn assigned(
        &mut self,
        number: Option<&Address>,
    ) -> Result<Option<AgentRefObject>, StoreError> {
        let Some(address) = number else { return Ok(None) };
        let number = find_sender(self.store.numbers(), self.scope, address).await?;
        let assigned = number.and_then(|number| number.assignment);
        self.agent_of(assigned.as_ref().map(|assigned| &assigned.agent)).await
    }

    /// The agents of the attempts of a call, in their order.
    pub(crate) async fn tried(
        &mut self,
        call: &CallRecord,
    ) -> Result<Vec<Option<AgentRefObject>>, StoreError> {
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
    pub(crate) async fn plan_of(
        &mut self,
        rule: Option<&RuleRef>,
    ) -> Result<Option<PlanRefObject>, StoreError> {
        let Some(rule) = rule else { return Ok(None) };
        if !self.plans.contains_key(&rule.plan) {
            let found = match Label::parse(rule.plan.as_str()) {
                Ok(word) => self.store.plans().find(self.scope, &word).await?,
                Err(_blank) => None,
            };
            let name = found.map(|plan| plan.name.as_str().to_owned());
            self.plans.insert(rule.plan.clone(), name);
        }
        let name = self.plans.get(&rule.plan).cloned().flatten();
        Ok(Some(PlanRefObject::of(rule, name)))
    }

    /// Whether the record is about a call or message from one of our numbers: the recipient is none of them, but the
    /// sender is.
    pub(crate) async fn is_outbound(
        &mut self,
        from: Option<&Address>,
        to: Option<&Address>,
    ) -> Result<bool, StoreError> {
        Ok(!self.is_ours(to).await? && self.is_ours(from).await?)
    }

    /// The URL of the endpoint of the agent or subscription that a delivery is for.
    pub(crate) async fn endpoint_of(
        &mut self,
        delivery: &Delivery,
    ) -> Result<Option<WebUrl>, StoreError> {
        if let Some(id) = &delivery.agent
            && let Some(endpoint) = self.known(id).await?.endpoint
        {
            return Ok(Some(endpoint));
        }
        match &delivery.owner {
            QueueOwner::Conversation(_) => Ok(None),
            QueueOwner::Subscription(id) => self.subscribed(id).await,
        }
    }

    async fn subscribed(&mut self, id: &SubscriptionId) -> Result<Option<WebUrl>, StoreError> {
        if !self.subscriptions.contains_key(id) {
            let found = self.store.subscriptions().find(self.scope, id).await?;
            let url = found.map(|subscription| subscription.url);
            self.subscriptions.insert(id.clone(), url);
        }
        Ok(self.subscriptions.get(id).cloned().flatten())
    }

    async fn is_ours(&mut self, side: Option<&Address>) -> Result<bool, StoreError> {
        let Some((address, sender)) = side.and_then(|side| Some((side, Sender::of(side)?))) else {
            return Ok(false);
        };
        if let Some(is_ours) = self.numbers.get(&sender) {
            return Ok(*is_ours);
        }
        let found = find_sender(self.store.numbers(), self.scope, address).await?;
        let is_ours = found.is_some();
        self.numbers.insert(sender, is_ours);
        Ok(is_ours)
    }
}
