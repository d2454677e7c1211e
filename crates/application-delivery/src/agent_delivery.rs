//! Delivers an inbound message to the endpoint of its agent.

use std::sync::Arc;

use switchboard_application::ConsentGate;
use switchboard_domain::agent::{Agent, AgentState, MessageTarget};
use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::{
    AttemptOutcome, ConversationKey, Delivery, OutgoingContent, addresses_of_contact,
};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentStore, Clock, EndpointMessage, MessageEndpoint, MessageStore, StoreError,
};
use switchboard_domain::session::ReplyGrant;
use switchboard_domain::sid::MessageSid;
use switchboard_domain::web_address::WebUrl;

use crate::chat_delivery::ChatDelivery;
use crate::loop_breaker::LoopBreaker;
use crate::refused::Refused;
use crate::reply_addresses::ReplyAddresses;
use crate::webhook_secrets::WebhookSecrets;

/// The maximum number of earlier messages that an endpoint receives.
const MAX_TURNS: u32 = 20;
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
    /// The stored agents.
    pub agents: Arc<dyn AgentStore>,
    /// The secrets of their endpoints.
    pub secrets: WebhookSecrets,
    /// The consent of contacts.
    pub consent: ConsentGate,
    /// Stops loops.
    pub loops: LoopBreaker,
    /// The endpoints.
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
    /// Makes one attempt and returns the replies.
    pub(crate) async fn attempt(
        &self,
        delivery: &Delivery,
        message: MessageSid,
    ) -> Result<(MessageRecord, Vec<OutgoingContent>), Refused> {
        let conversation = delivery.conversation().cloned().ok_or_else(|| {
            Refused::never(AttemptOutcome::NoTarget, "the delivery names no conversation")
        })?;
        let scope = Scope::Organization(delivery.organization.clone());
        let record = self.messages.find(&scope, delivery.account, message).await?;
        let record = record.ok_or_else(|| {
            Refused::never(AttemptOutcome::NoTarget, "the message is not stored any more")
        })?;
        if self.is_opted_out(&record).await? {
            let detail = "the contact has opted out of messages";
            return Err(Refused::never(AttemptOutcome::OptedOut, detail));
        }
        let turns = self.turns(delivery, &record).await;
        self.refuse_loop(delivery, &record, &turns).await?;
        let (agent, target) = self.target(&scope, delivery).await?;
        if let MessageTarget::ChatModel(chat) = &target {
            let replies = self.chat.reply(delivery, &agent, chat, &record, &turns).await?;
            return Ok((record, replies));
        }
        let (endpoint, url) = self.endpoints.of(&target).ok_or_else(|| {
            Refused::never(AttemptOutcome::NoTarget, "the agent has no endpoint for messages")
        })?;
        let secrets = self.secrets.signing(&scope, &agent.id).await?;
        if secrets.is_empty() {
            return Err(Refused::later(AttemptOutcome::NoTarget, "the agent has no secret"));
        }
        let grant = ReplyGrant {
            account: delivery.account,
            message,
            expires_at: record.first_seen_at.plus_seconds(REPLY_HOURS * 3_600),
        };
        let reply_url =
            format!("{}/api/messages/{message}/replies", self.replies.base.without_credentials());
        let reply_url = WebUrl::parse(&reply_url).map_err(|_cause| {
            Refused::never(AttemptOutcome::NoTarget, "the public URL is not a URL for replies")
        })?;
        let now = self.clock.now();
        let event = EndpointMessage {
            delivery: delivery.id.clone(),
            at: now,
            media: self.replies.media(&record, now),
            message: record,
            agent,
            conversation,
            turns,
            reply_url,
            reply_token: self.replies.keys.reply_token(&grant),
        };
        let replies = endpoint.deliver(url, &secrets, &event).await?;
        Ok((event.message, replies))
    }

    /// Whether the contact who wrote the message wants no messages now.
    pub(crate) async fn is_opted_out(&self, record: &MessageRecord) -> Result<bool, StoreError> {
        let (Some(contact), Some(ours)) = (&record.from, &record.to) else { return Ok(false) };
        let key = ConversationKey::new(ours, contact);
        self.consent.is_opted_out(&record.organization, &key).await
    }

    /// Refuses a message of a conversation that is stopped, or that is stopped now because the message continues a loop.
    async fn refuse_loop(
        &self,
        delivery: &Delivery,
        record: &MessageRecord,
        turns: &[MessageRecord],
    ) -> Result<(), Refused> {
        if self.loops.is_stopped(delivery).await? {
            let detail = "the conversation was stopped before";
            return Err(Refused::never(AttemptOutcome::LoopStopped, detail));
        }
        match self.loops.stop_loop(delivery, record, turns).await? {
            Some(found) => Err(Refused::never(AttemptOutcome::LoopStopped, found.what())),
            None => Ok(()),
        }
    }

    /// The agent as it is now, with its message target.
    async fn target(
        &self,
        scope: &Scope,
        delivery: &Delivery,
    ) -> Result<(Arc<Agent>, MessageTarget), Refused> {
        let no_target = |detail| Refused::never(AttemptOutcome::NoTarget, detail);
        let id = delivery.agent.as_ref();
        let id = id.ok_or_else(|| no_target("the delivery names no agent"))?;
        let agent = self.agents.find(scope, id).await?;
        let agent = agent.ok_or_else(|| no_target("the agent does not exist any more"))?;
        if agent.profile.state == AgentState::Disabled {
            return Err(Refused::later(AttemptOutcome::NoTarget, "the agent is disabled"));
        }
        let target = agent.profile.message_target.clone();
        let target = target.ok_or_else(|| no_target("the agent has no endpoint for messages"))?;
        if self.agents.gone_since(scope, id).await?.is_some() {
            let detail = "the endpoint answered 410 to an earlier message";
            return Err(Refused::never(AttemptOutcome::TargetDisabled, detail));
        }
        Ok((Arc::new(agent), target))
    }

    /// The earlier messages of the conversation. A message is delivered without them if they cannot be read.
    async fn turns(&self, delivery: &Delivery, message: &MessageRecord) -> Vec<MessageRecord> {
        let (Some(from), Some(to)) = (&message.from, &message.to) else { return Vec::new() };
        let (contact, ours) = (addresses_of_contact(from), addresses_of_contact(to));
        let organization = &delivery.organization;
        let turns =
            self.messages.latest_of_contact(organization, &contact, &ours, MAX_TURNS + 1).await;
        let mut turns = turns.unwrap_or_else(|error| {
            tracing::warn!(error = %Causes(&error), "earlier messages could not be read");
            Vec::new()
        });
        turns.retain(|turn| turn.message != message.message);
        turns
    }
}
