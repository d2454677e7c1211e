//! Delivers an inbound message to the endpoint of its agent.

use std::collections::HashMap;
use std::slice::from_ref;
use std::sync::Arc;

use switchboard_application::ConsentGate;
use switchboard_domain::address::Address;
use switchboard_domain::agent::{Agent, AgentState, MessageTarget};
use switchboard_domain::call::CallRecord;
use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::{
    AttemptOutcome, Delivery, OutgoingContent, addresses_of_calls, addresses_of_contact,
};
use switchboard_domain::identifier::{DeliveryId, OrganizationId};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::ports::{
    AgentContext, AgentSecret, CallStore, Clock, DeliveryContext, DeliveryContextStore,
    EndpointMessage, MessageEndpoint, MessageStore, StoreError,
};
use switchboard_domain::session::ReplyGrant;
use switchboard_domain::sid::MessageSid;
use switchboard_domain::thread::{MAX_ENTRIES, Thread};
use switchboard_domain::web_address::WebUrl;

use crate::chat_delivery::ChatDelivery;
use crate::failed_attempt::FailedAttempt;
use crate::loop_breaker::LoopBreaker;
use crate::reply_addresses::ReplyAddresses;
use crate::webhook_secrets::WebhookSecrets;

/// Hours for which a message can be replied to. `WhatsApp` accepts replies for 24 hours.
const REPLY_HOURS: i64 = 24;

/// How each kind of endpoint is reached.
#[derive(Clone)]
pub struct Endpoints {
    /// Endpoints that receive messages as JSON.
    pub webhook: Arc<dyn MessageEndpoint>,
    /// Endpoints that receive messages as Twilio's form.
    pub twilio: Arc<dyn MessageEndpoint>,
}

/// Delivers messages to the endpoints of agents.
pub struct AgentDelivery {
    /// The stored messages.
    pub messages: Arc<dyn MessageStore>,
    /// The stored calls.
    pub calls: Arc<dyn CallStore>,
    /// What decides about deliveries.
    pub contexts: Arc<dyn DeliveryContextStore>,
    /// The secrets of their endpoints.
    pub secrets: WebhookSecrets,
    /// The consent of contacts.
    pub consent: ConsentGate,
    /// Stops loops.
    pub loops: LoopBreaker,
    /// Sends messages over HTTP, in the format that an agent wants.
    pub endpoints: Endpoints,
    /// The chat models.
    pub chat: ChatDelivery,
    /// Where replies are accepted.
    pub replies: ReplyAddresses,
    /// The time of an attempt.
    pub clock: Arc<dyn Clock>,
}

impl Endpoints {
    /// The endpoint of a target, and its URL; `None` for a target without one.
    fn of<'a>(&self, target: &'a MessageTarget) -> Option<(&dyn MessageEndpoint, &'a WebUrl)> {
        match target {
            MessageTarget::Reply(_) | MessageTarget::Redirect(_) | MessageTarget::ChatModel(_) => {
                None
            }
            MessageTarget::Webhook(url) => Some((self.webhook.as_ref(), url)),
            MessageTarget::Twilio(url) => Some((self.twilio.as_ref(), url)),
        }
    }
}

impl AgentDelivery {
    /// What decides about received messages, by their deliveries. Those that cannot be read are left out.
    pub(crate) async fn contexts(
        &self,
        deliveries: Vec<Delivery>,
    ) -> HashMap<DeliveryId, DeliveryContext> {
        if deliveries.is_empty() {
            return HashMap::new();
        }
        match self.contexts.contexts(&deliveries).await {
            Ok(contexts) => {
                let ids = deliveries.into_iter().map(|delivery| delivery.id);
                ids.zip(contexts).filter_map(|(id, context)| Some((id, context?))).collect()
            }
            // Each attempt reads its own, and fails if it cannot.
            Err(error) => {
                tracing::warn!(error = %Causes(&error), "deliveries could not be prepared together");
                HashMap::new()
            }
        }
    }

    /// Makes one attempt and returns the replies. The context is read unless it is given.
    pub(crate) async fn attempt(
        &self,
        delivery: &Delivery,
        message: MessageSid,
        context: Option<DeliveryContext>,
    ) -> Result<(MessageRecord, Vec<OutgoingContent>), FailedAttempt> {
        let conversation = delivery.conversation().cloned().ok_or_else(|| {
            FailedAttempt::never(AttemptOutcome::NoTarget, "the delivery names no conversation")
        })?;
        let context = match context {
            Some(context) => Some(context),
            None => self.contexts.contexts(from_ref(delivery)).await?.pop().flatten(),
        };
        let context = context.ok_or_else(|| {
            FailedAttempt::never(AttemptOutcome::NoTarget, "the message is not stored any more")
        })?;
        let record = context.message;
        if context.is_opted_out {
            let detail = "the contact has opted out of messages";
            return Err(FailedAttempt::never(AttemptOutcome::OptedOut, detail));
        }
        if context.stopped_until.is_some_and(|until| until > self.clock.now()) {
            let detail = "the conversation was stopped before";
            return Err(FailedAttempt::never(AttemptOutcome::LoopStopped, detail));
        }
        let thread = self.thread(delivery, &record).await?;
        if let Some(found) = self.loops.stop_loop(delivery, &record, &thread).await? {
            return Err(FailedAttempt::never(AttemptOutcome::LoopStopped, found.what()));
        }
        // Anybody could name another contact in a message that nobody verified, and may read the reply.
        let thread = if record.is_verified() { thread } else { Thread::default() };
        let (agent, secrets, target) = target(delivery, context.agent)?;
        if let MessageTarget::ChatModel(chat) = &target {
            let replies = self.chat.reply(delivery, &agent, chat, &record, &thread).await;
            let at = |failed| FailedAttempt { endpoint: Some(chat.url.clone()), ..failed };
            let replies = replies.map_err(at)?;
            return Ok((record, replies));
        }
        let (endpoint, url) = self.endpoints.of(&target).ok_or_else(|| {
            FailedAttempt::never(AttemptOutcome::NoTarget, "the agent has no endpoint for messages")
        })?;
        let secrets = self.secrets.open_valid(secrets)?;
        if secrets.is_empty() {
            return Err(FailedAttempt::later(AttemptOutcome::NoTarget, "the agent has no secret"));
        }
        // A signature tells the endpoint that Twilio sent this message. Where validation only reports or is disabled,
        // nobody knows.
        let secrets = if record.is_verified() { secrets } else { Vec::new() };
        let grant = ReplyGrant {
            account: delivery.account,
            message,
            expires_at: record.first_seen_at.plus_seconds(REPLY_HOURS * 3_600),
        };
        let reply_url =
            format!("{}/api/messages/{message}/replies", self.replies.base.without_credentials());
        let reply_url = WebUrl::parse(&reply_url).map_err(|_cause| {
            FailedAttempt::never(
                AttemptOutcome::NoTarget,
                "the public URL is not a URL for replies",
            )
        })?;
        let now = self.clock.now();
        let event = EndpointMessage {
            delivery: delivery.id.clone(),
            at: now,
            media: self.replies.media(&record, now),
            message: record,
            agent: Arc::new(agent),
            conversation,
            thread,
            reply_url,
            reply_token: self.replies.keys.reply_token(&grant),
        };
        let replies = endpoint.deliver(url, &secrets, &event).await;
        let replies = replies.map_err(FailedAttempt::at(url))?;
        Ok((event.message, replies))
    }

    /// Whether the contact who wrote the message wants no messages now.
    pub(crate) async fn is_opted_out(&self, record: &MessageRecord) -> Result<bool, StoreError> {
        let (Some(contact), Some(ours)) = (&record.from, &record.to) else { return Ok(false) };
        self.consent.is_opted_out(&record.organization, ours, contact).await
    }

    /// The messages and calls of the conversation until this message, and our replies so far, also those to later messages.
    /// A message is delivered without earlier messages and calls of the contact if they cannot be read; without what was
    /// sent, nobody knows whether two programs answer each other.
    async fn thread(
        &self,
        delivery: &Delivery,
        message: &MessageRecord,
    ) -> Result<Thread, StoreError> {
        let (received, sent, calls) = tokio::join!(
            self.received(&delivery.organization, message),
            self.loops.latest_sent(delivery),
            self.calls(&delivery.organization, message),
        );
        Ok(Thread { received, sent: sent?, calls })
    }

    async fn received(
        &self,
        organization: &OrganizationId,
        message: &MessageRecord,
    ) -> Vec<MessageRecord> {
        let (contact, ours) = sides(message);
        let most = MAX_ENTRIES + 1;
        let found = self.messages.latest_of_contact(organization, &contact, &ours, most).await;
        let mut received = found.unwrap_or_else(|error| {
            tracing::warn!(error = %Causes(&error), "earlier messages could not be read");
            Vec::new()
        });
        // Later messages wait for this one, and are no part of what it answers.
        received.retain(|other| {
            other.message != message.message && other.first_seen_at <= message.first_seen_at
        });
        received
    }

    async fn calls(
        &self,
        organization: &OrganizationId,
        message: &MessageRecord,
    ) -> Vec<CallRecord> {
        let (contact, ours) = sides(message);
        let (contact, ours) = (addresses_of_calls(&contact), addresses_of_calls(&ours));
        let found = self.calls.latest_of_contact(organization, &contact, &ours, MAX_ENTRIES).await;
        let mut calls = found.unwrap_or_else(|error| {
            tracing::warn!(error = %Causes(&error), "earlier calls could not be read");
            Vec::new()
        });
        calls.retain(|call| call.first_seen_at <= message.first_seen_at);
        calls
    }
}

/// The addresses of the contact who wrote a message, and ours.
fn sides(message: &MessageRecord) -> (Vec<Address>, Vec<Address>) {
    let side =
        |address: &Option<Address>| address.as_ref().map(addresses_of_contact).unwrap_or_default();
    (side(&message.from), side(&message.to))
}

/// The agent as it is now, with the secrets of its endpoint and its message target.
fn target(
    delivery: &Delivery,
    found: Option<AgentContext>,
) -> Result<(Agent, Vec<AgentSecret>, MessageTarget), FailedAttempt> {
    let no_target = |detail| FailedAttempt::never(AttemptOutcome::NoTarget, detail);
    if delivery.agent.is_none() {
        return Err(no_target("the delivery names no agent"));
    }
    let found = found.ok_or_else(|| no_target("the agent does not exist any more"))?;
    let AgentContext { agent, gone_since, secrets } = found;
    if agent.profile.state == AgentState::Disabled {
        return Err(FailedAttempt::later(AttemptOutcome::NoTarget, "the agent is disabled"));
    }
    let target = agent.profile.message_target.clone();
    let target = target.ok_or_else(|| no_target("the agent has no endpoint for messages"))?;
    if gone_since.is_some() {
        let detail = "the endpoint answered 410 to an earlier message";
        return Err(FailedAttempt::never(AttemptOutcome::TargetDisabled, detail));
    }
    Ok((agent, secrets, target))
}
