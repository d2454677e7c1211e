//! Reads records with what they refer to, and renders them: for the API, and for the command line.

use std::collections::HashMap;
use std::slice::from_ref;

use switchboard_application_management::ExplainRoute;
use switchboard_application_management::routing_plans::{PlanError, Plans};
use switchboard_domain::address::Address;
use switchboard_domain::call::{CallRecord, TimelineEntry, TimelineEvent};
use switchboard_domain::delivery::{
    Delivery, DeliveryItem, addresses_of_calls, addresses_of_contact,
};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Conversation, DeliveryFilter, Page, SavedPlan, Store, StoreError};
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::time::Timestamp;

use crate::names::Names;
use crate::objects::{
    CallStory, ConversationObject, ConversationStory, DecidedObject, DeliveryObject, MessageObject,
    MessageStory, NumberDisplay, ReplyObject, TurnObject, UnusedPlan,
};
use crate::wording::Wording;

/// More than a message can have.
const MAX_REPLIES: u32 = 200;

fn reading(source: StoreError) -> PlanError {
    PlanError::Store { doing: "reading a call", source }
}

/// Reads records within a scope.
pub struct Reading<'a> {
    store: &'a dyn Store,
    scope: &'a Scope,
    wording: &'a dyn Wording,
    phone_numbers: NumberDisplay,
    names: Names<'a>,
}

impl<'a> Reading<'a> {
    /// Reads what the scope covers.
    pub fn new(
        store: &'a dyn Store,
        scope: &'a Scope,
        wording: &'a dyn Wording,
        phone_numbers: NumberDisplay,
    ) -> Self {
        Self { store, scope, wording, phone_numbers, names: Names::new(store, scope) }
    }

    /// What is known about a call. A list gives no timeline.
    pub async fn call<'c>(
        &mut self,
        call: &'c CallRecord,
        timeline: &'c [TimelineEntry],
    ) -> Result<CallStory<'c>, StoreError> {
        let decision = call.decision.as_ref();
        let mut skipped = HashMap::new();
        for entry in timeline {
            if let TimelineEvent::AgentSkipped { agent, .. } = &entry.event {
                skipped.insert(agent.clone(), self.names.agent(agent).await?);
            }
        }
        let (agent, rule) = (
            decision.and_then(|decision| decision.agent.as_ref()),
            decision.and_then(|decision| decision.rule.as_ref()),
        );
        Ok(CallStory {
            call,
            timeline,
            agent: self.names.agent_of(agent).await?,
            plan: self.names.plan_of(rule).await?,
            tried: self.names.tried(call).await?,
            skipped,
            idle_agent: None,
            is_outbound: self.names.is_outbound(call.from.as_ref(), call.to.as_ref()).await?,
            rules: Vec::new(),
            unused_plan: None,
        })
    }

    /// The same, with why the call was decided as it was.
    pub async fn whole_call<'c>(
        &mut self,
        call: &'c CallRecord,
        timeline: &'c [TimelineEntry],
        explaining: &ExplainRoute,
        plans: &Plans,
    ) -> Result<CallStory<'c>, PlanError> {
        let mut story = self.call(call, timeline).await.map_err(reading)?;
        if call.decision.as_ref().is_some_and(|decision| {
            matches!(
                decision.reason,
                Reason::AgentDisabled | Reason::NoVoiceTarget | Reason::ChannelOff
            )
        }) {
            story.idle_agent = self.names.assigned(call.to.as_ref()).await.map_err(reading)?;
        }
        let explanation = explaining.recorded_call(self.scope, call).await.map_err(reading)?;
        if let Some(plan) = explanation.and_then(|explanation| explanation.plan) {
            let decided = DecidedObject::of(&plan, self.wording);
            story.rules = decided.rules.iter().map(ToString::to_string).collect();
        }
        story.unused_plan = self.unused_plan(call, plans).await?;
        Ok(story)
    }

    /// The plan that decides for the number of a call today, if no plan decided the call.
    async fn unused_plan(
        &self,
        call: &CallRecord,
        plans: &Plans,
    ) -> Result<Option<UnusedPlan>, PlanError> {
        let is_undecided = call.decision.as_ref().is_some_and(|decision| decision.rule.is_none());
        let number = call.to.as_ref().and_then(Address::phone_number).filter(|_| is_undecided);
        let Some(number) = number else { return Ok(None) };
        let configured = self.store.configurations().find(self.scope, number.into()).await;
        let Some(plan) = configured.map_err(reading)?.and_then(|configured| configured.plan) else {
            return Ok(None);
        };
        let plan = match plans.find(self.scope, plan.id.as_str()).await {
            // It was just removed.
            Err(PlanError::Unknown { .. }) => return Ok(None),
            plan => plan?,
        };
        let checked = plans.check(&plan).await?;
        let SavedPlan { id, name, .. } = plan;
        Ok(Some(UnusedPlan { id, name, is_unreadable: checked.is_unreadable }))
    }

    /// Messages in their order, each with its delivery.
    pub async fn messages(
        &mut self,
        messages: Vec<MessageRecord>,
    ) -> Result<Vec<(MessageRecord, MessageObject)>, StoreError> {
        let mut deliveries = deliveries_of(self.store, self.scope, &messages).await?;
        let mut read = Vec::with_capacity(messages.len());
        for message in messages {
            let delivery = deliveries.remove(&(message.account, message.message));
            let object = self.with_delivery(&message, delivery.as_ref()).await?;
            read.push((message, object));
        }
        Ok(read)
    }

    /// A message with its delivery.
    pub async fn message(&mut self, message: &MessageRecord) -> Result<MessageObject, StoreError> {
        let deliveries = deliveries_of(self.store, self.scope, from_ref(message)).await?;
        self.with_delivery(message, deliveries.get(&(message.account, message.message))).await
    }

    async fn with_delivery(
        &mut self,
        message: &MessageRecord,
        delivery: Option<&Delivery>,
    ) -> Result<MessageObject, StoreError> {
        let agent = self.names.agent_of(message.agent.as_ref()).await?;
        let plan = self.names.plan_of(message.rule.as_ref()).await?;
        Ok(MessageObject::of(message, agent, plan, delivery, self.phone_numbers, self.wording))
    }

    /// A message with its delivery and the replies to it. Returns the delivery, too.
    pub async fn message_story(
        &mut self,
        message: &MessageRecord,
    ) -> Result<(MessageStory, Option<Delivery>), StoreError> {
        let mut deliveries = deliveries_of(self.store, self.scope, from_ref(message)).await?;
        let delivery = deliveries.remove(&(message.account, message.message));
        let delivery_details = match &delivery {
            Some(delivery) => Some(self.delivery(delivery).await?),
            None => None,
        };
        let story = MessageStory {
            message: self.with_delivery(message, delivery.as_ref()).await?,
            delivery_details,
            replies: self.replies(message).await?,
        };
        Ok((story, delivery))
    }

    /// The replies to a message, oldest first.
    async fn replies(&self, message: &MessageRecord) -> Result<Vec<ReplyObject>, StoreError> {
        let filter = DeliveryFilter {
            account: Some(message.account),
            message: Some(message.message),
            ..DeliveryFilter::default()
        };
        let page = Page::first(MAX_REPLIES);
        let found = self.store.deliveries().newest(self.scope, &filter, &page).await?;
        let mut replies = Vec::new();
        for delivery in found.iter().rev() {
            let DeliveryItem::Outgoing(outgoing) = &delivery.item else { continue };
            let reported =
                reported(self.store, self.scope, delivery, outgoing.progress.sid).await?;
            replies.push(ReplyObject::of(delivery, outgoing, reported.as_ref(), self.wording));
        }
        Ok(replies)
    }

    /// A delivery.
    pub async fn delivery(&mut self, delivery: &Delivery) -> Result<DeliveryObject, StoreError> {
        let agent = self.names.agent_of(delivery.agent.as_ref()).await?;
        let endpoint = self.names.endpoint_of(delivery).await?;
        Ok(DeliveryObject::of(delivery, agent, endpoint.as_ref(), self.phone_numbers, self.wording))
    }

    /// A conversation with at most `limit` of its last messages.
    pub async fn conversation(
        &mut self,
        conversation: &Conversation,
        now: Timestamp,
        limit: u32,
    ) -> Result<ConversationStory, StoreError> {
        Ok(ConversationStory {
            conversation: ConversationObject::of(conversation, now, self.phone_numbers),
            turns: self.turns(conversation, limit).await?,
        })
    }

    /// The last messages and calls of both directions, oldest first.
    async fn turns(
        &mut self,
        conversation: &Conversation,
        limit: u32,
    ) -> Result<Vec<TurnObject>, StoreError> {
        let store = self.store;
        let addresses = |text: &str| {
            Address::parse_stored(text)
                .map_or_else(|_foreign| Vec::new(), |side| addresses_of_contact(&side))
        };
        let contact = addresses(conversation.key.contact());
        let ours = addresses(conversation.key.sender());
        let organization = &conversation.organization;
        let scope = Scope::Organization(organization.clone());
        let received =
            store.messages().latest_of_contact(organization, &contact, &ours, limit).await?;
        let deliveries = deliveries_of(store, &scope, &received).await?;
        let mut turns = Vec::new();
        for message in &received {
            let delivery = deliveries.get(&(message.account, message.message));
            let agent = self.names.agent_of(message.agent.as_ref()).await?;
            turns.push(TurnObject::received(message, delivery, agent, self.wording));
        }
        let sent = store.deliveries().latest_outgoing(&scope, &conversation.id, limit).await?;
        for delivery in &sent {
            let DeliveryItem::Outgoing(outgoing) = &delivery.item else { continue };
            let reported = reported(store, &scope, delivery, outgoing.progress.sid).await?;
            let agent = self.names.agent_of(delivery.agent.as_ref()).await?;
            let turn = TurnObject::sent(delivery, outgoing, reported.as_ref(), agent, self.wording);
            turns.push(turn);
        }
        let (contact, ours) = (addresses_of_calls(&contact), addresses_of_calls(&ours));
        for call in store.calls().latest_of_contact(organization, &contact, &ours, limit).await? {
            let agent = call.decision.as_ref().and_then(|decision| decision.agent.as_ref());
            let agent = self.names.agent_of(agent).await?;
            turns.push(TurnObject::called(&call, agent, self.wording));
        }
        turns.sort_by_key(|turn| turn.place.clone());
        let more = turns.len().saturating_sub(limit as usize);
        Ok(turns.split_off(more))
    }
}

/// What Twilio reported about a message to a contact.
async fn reported(
    store: &dyn Store,
    scope: &Scope,
    delivery: &Delivery,
    sid: Option<MessageSid>,
) -> Result<Option<MessageRecord>, StoreError> {
    match sid {
        Some(sid) => store.messages().find(scope, delivery.account, sid).await,
        None => Ok(None),
    }
}

/// The deliveries of messages, by their accounts and SIDs.
async fn deliveries_of(
    store: &dyn Store,
    scope: &Scope,
    messages: &[MessageRecord],
) -> Result<HashMap<(AccountSid, MessageSid), Delivery>, StoreError> {
    let mut by_account: HashMap<_, Vec<_>> = HashMap::new();
    for message in messages {
        by_account.entry(message.account).or_default().push(message.message);
    }
    let mut found = HashMap::new();
    for (account, sids) in by_account {
        for delivery in store.deliveries().of_messages(scope, account, &sids).await? {
            let sid = match &delivery.item {
                DeliveryItem::Received(message) => Some(*message),
                DeliveryItem::Outgoing(outgoing) => outgoing.progress.sid,
                DeliveryItem::Event(_) => None,
            };
            found.extend(sid.map(|sid| ((account, sid), delivery)));
        }
    }
    Ok(found)
}
