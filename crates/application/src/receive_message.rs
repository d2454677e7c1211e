//! Receives a message: stores it, then answers it.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::causes::Causes;
use switchboard_domain::consent::KeywordMessage;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::{Body, InboundMessage, NewDelivery, ReceivedMessage};
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{Caller, Situation};
use switchboard_domain::ports::{
    Clock, DeliveryFilter, DeliveryHistory, Insertion, MessageStore, Page,
};
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::routing::Reason;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{AccountSid, EventSid, MessageSid};
use switchboard_domain::status_callback::callback_of_delivery;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::{MessageResponse, MessageVerb, Twiml, TwimlTooLarge};
use switchboard_domain::web_address::WebUrl;
use tokio::time::Instant;
use tracing::Instrument;

use crate::authenticate::Authenticator;
use crate::consent_gate::ConsentGate;
use crate::contact_links::ContactLinks;
use crate::conversation_ids::ConversationIds;
use crate::deadline::{Deadlines, within};
use crate::error::WebhookFailure;
use crate::plan_runtime::{Answer, FallbackChain, MessageReply};
use crate::reply_waiters::{OfferedReply, ReplyOffer, ReplyWaiters};
use crate::response_loops::ResponseLoops;
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::webhook_request::WebhookRequest;

/// The answer to a message.
pub struct MessageAnswer {
    /// The response to Twilio.
    pub twiml: Twiml,
    /// The replies of an agent's endpoint that the response contains; `None` if it contains none. They count as sent when the
    /// connection has taken the response.
    pub offer: Option<ReplyOffer>,
    /// The reason for the decision.
    pub reason: Reason,
    /// The agent that answers; `None` if none does.
    pub agent: Option<AgentId>,
    /// The account of the message.
    pub account: AccountSid,
    /// The SID of the message.
    pub message: MessageSid,
    /// Whether the message is new or a duplicate.
    pub insertion: Insertion,
}

/// The stores of messages and their deliveries.
pub struct MessageStores {
    /// The stored messages.
    pub messages: Arc<dyn MessageStore>,
    /// The stored deliveries.
    pub deliveries: Arc<dyn DeliveryHistory>,
    /// The conversations.
    pub conversations: ConversationIds,
    /// The contacts who are known by a number and by a user id.
    pub contacts: ContactLinks,
    /// The consent of contacts.
    pub consent: ConsentGate,
    /// Stops loops of responses.
    pub loops: ResponseLoops,
    /// The webhooks that wait for replies.
    pub waiters: Arc<ReplyWaiters>,
}

/// Receives messages.
pub struct ReceiveMessage {
    authenticator: Arc<Authenticator>,
    router: Arc<Router>,
    stores: MessageStores,
    fallback_chain: FallbackChain,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    /// Where Twilio reports the status of messages.
    status_callback: WebUrl,
    silence: Twiml,
}

impl ReceiveMessage {
    /// Creates the use case.
    pub fn new(
        authenticator: Arc<Authenticator>,
        router: Arc<Router>,
        stores: MessageStores,
        fallback_chain: FallbackChain,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
        status_callback: WebUrl,
    ) -> Result<Self, TwimlTooLarge> {
        let silence = MessageResponse::new().render()?;
        Ok(Self {
            authenticator,
            router,
            stores,
            fallback_chain,
            deadlines,
            clock,
            status_callback,
            silence,
        })
    }

    /// Stores a message and answers it. A message is answered only after it is stored. A duplicate is stored once: it gets
    /// the same static reply, or nothing, because the reply of an agent's endpoint is sent once.
    pub async fn receive(
        &self,
        request: WebhookRequest<'_>,
    ) -> Result<MessageAnswer, WebhookFailure> {
        let deadline = Instant::now() + self.deadlines.reply;
        let webhook = self.authenticator.verify(Endpoint::Message, &request)?;
        let mut inbound = webhook.read(InboundMessage::parse)?;
        let sender = Sender::of(&inbound.to);
        let webhook = self.router.route(webhook, sender, OnOutage::Fail).await?;
        let now = self.clock.now();
        if let Some(known_as) = self.known_as(&webhook, &inbound, now).await {
            inbound.from = known_as;
        }
        let reply = if let Some(reply) = self.obeyed(&webhook, &inbound, now).await? {
            reply
        } else {
            let reply = self.reply(&webhook, &inbound, now).await;
            let reply = self.with_consent(&webhook, &inbound, reply).await?;
            self.without_loop(&webhook, &inbound, reply, now).await
        };
        let delivery = match reply.answer {
            Answer::Respond(_) => None,
            Answer::Deliver => Some(self.new_delivery(&webhook, &inbound).await?),
        };
        let received = ReceivedMessage {
            account: webhook.verified().account(),
            organization: webhook.verified().organization().clone(),
            inbound,
            // The fields were parsed from a form, so they are valid text.
            parameters: Body::new(&String::from_utf8_lossy(request.raw_parameters())),
            agent: reply.agent,
            rule: reply.rule,
            reason: reply.reason,
            verified_by: webhook.verified().verified_by(),
            received_at: now,
            delivery,
        };
        let waiting = received.delivery.as_ref().and_then(|new| {
            let (organization, agent) = (&received.organization, received.agent.as_ref());
            self.stores.waiters.register(&new.id, organization, agent)
        });
        let insert = self.stores.messages.insert_once(&received);
        let insert = within(self.deadlines.write, "message.insert", insert);
        let insert = insert.instrument(webhook.context.span().clone());
        let insertion = insert.await.map_err(|error| webhook.context.failure(error))?;
        let mut offer = None;
        let twiml = match reply.answer {
            Answer::Respond(response) => {
                let was_answered = insertion == Insertion::Duplicate
                    && self.was_answered(&webhook, &received).await?;
                if was_answered { self.silence.clone() } else { self.render(&webhook, &response) }
            }
            Answer::Deliver if insertion == Insertion::Inserted => {
                self.stores.waiters.wake();
                let offered = match waiting {
                    Some(waiting) => waiting.replies(deadline).await,
                    None => None,
                };
                match offered.and_then(|offered| Some((self.with_replies(&offered)?, offered))) {
                    Some((twiml, offered)) => {
                        offer = Some(offered);
                        twiml
                    }
                    None => self.silence.clone(),
                }
            }
            Answer::Deliver => self.silence.clone(),
        };
        Ok(MessageAnswer {
            twiml,
            offer,
            reason: received.reason,
            agent: received.agent,
            account: received.account,
            message: received.inbound.message,
            insertion,
        })
    }

    /// Whether the first request of a duplicate was answered: with the confirmation of a keyword, or by an endpoint that got
    /// the message. A static reply is repeated, because Twilio may not have received the first one.
    async fn was_answered(
        &self,
        webhook: &RoutedWebhook<'_>,
        received: &ReceivedMessage,
    ) -> Result<bool, WebhookFailure> {
        Ok(received.reason == Reason::Keyword || self.is_delivered(webhook, received).await?)
    }

    /// The address by which the contact is known, if that is not the one that the message is from.
    async fn known_as(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundMessage,
        now: Timestamp,
    ) -> Option<Address> {
        if !matches!(inbound.from, Address::WhatsApp(_) | Address::WhatsAppUser(_)) {
            return None;
        }
        let contacts = &self.stores.contacts;
        let known_as = contacts.known_as(webhook.verified(), webhook.form(), &inbound.from, now);
        Box::pin(known_as.instrument(webhook.context.span().clone())).await
    }

    /// Obeys a keyword such as STOP, before any agent gets it. `None` if the message is none. The change is durable before
    /// the message is acknowledged.
    async fn obeyed(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundMessage,
        now: Timestamp,
    ) -> Result<Option<MessageReply>, WebhookFailure> {
        let Some(word) = KeywordMessage::read(&inbound.body, webhook.form()) else {
            return Ok(None);
        };
        let verified = webhook.verified();
        let (organization, account) = (verified.organization(), verified.account());
        let obeyed = self.stores.consent.obey(organization, account, inbound, word, now);
        let obeyed = within(self.deadlines.write, "consent.record", obeyed);
        let obeyed = obeyed.instrument(webhook.context.span().clone());
        let obeyed = obeyed.await.map_err(|error| webhook.context.failure(error))?;
        let reply = |text: Option<&str>| {
            let response = MessageResponse::new();
            match text {
                Some(text) => response.then(MessageVerb::text(text)),
                None => response,
            }
        };
        Ok(obeyed.map(|obeyed| MessageReply {
            answer: Answer::Respond(reply(obeyed.answer)),
            agent: None,
            rule: None,
            reason: Reason::Keyword,
        }))
    }

    /// Withholds a response from a contact who has opted out. The worker asks before it delivers a message to an endpoint,
    /// so that acknowledging one costs no read.
    async fn with_consent(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundMessage,
        reply: MessageReply,
    ) -> Result<MessageReply, WebhookFailure> {
        let has_response = reply.agent.is_some() || reply.rule.is_some();
        if !has_response || matches!(reply.answer, Answer::Deliver) {
            return Ok(reply);
        }
        let organization = webhook.verified().organization();
        let is_opted_out =
            self.stores.consent.is_opted_out(organization, &inbound.to, &inbound.from);
        let is_opted_out = within(self.deadlines.read, "consent.find", is_opted_out);
        let is_opted_out = is_opted_out.instrument(webhook.context.span().clone());
        if !is_opted_out.await.map_err(|error| webhook.context.failure(error))? {
            return Ok(reply);
        }
        let answer = Answer::Respond(MessageResponse::new());
        Ok(MessageReply { answer, reason: Reason::OptedOut, ..reply })
    }

    /// Withholds a response that continues a loop. A message is answered if nothing is known about that.
    async fn without_loop(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundMessage,
        reply: MessageReply,
        now: Timestamp,
    ) -> MessageReply {
        let Answer::Respond(response) = &reply.answer else { return reply };
        // What a redirect leads to is not known, and several texts are no answer of a program.
        let Some(text) = response.only_text().map(str::to_owned) else { return reply };
        let ids = &self.stores.conversations;
        let organization = webhook.verified().organization();
        let answer = (reply.agent.as_ref(), text.as_str());
        let is_stopped = self.stores.loops.is_stopped(ids, organization, inbound, answer, now);
        let is_stopped = within(self.deadlines.read, "message.latest_of_contact", is_stopped);
        let is_stopped = is_stopped.instrument(webhook.context.span().clone()).await;
        let is_stopped = is_stopped.unwrap_or_else(|error| {
            let _in_span = webhook.context.span().enter();
            tracing::warn!(error = %Causes(&error), "it is not known whether a conversation is a loop");
            false
        });
        if !is_stopped {
            return reply;
        }
        let answer = Answer::Respond(MessageResponse::new());
        MessageReply { answer, reason: Reason::LoopStopped, ..reply }
    }

    /// Whether a stored message has a delivery.
    async fn is_delivered(
        &self,
        webhook: &RoutedWebhook<'_>,
        received: &ReceivedMessage,
    ) -> Result<bool, WebhookFailure> {
        let scope = Scope::Organization(received.organization.clone());
        let filter = DeliveryFilter {
            account: Some(received.account),
            message: Some(received.inbound.message),
            ..DeliveryFilter::default()
        };
        let page = Page::first(1);
        let found = self.stores.deliveries.newest(&scope, &filter, &page);
        let found = within(self.deadlines.read, "delivery.newest", found);
        let found = found.instrument(webhook.context.span().clone()).await;
        Ok(!found.map_err(|error| webhook.context.failure(error))?.is_empty())
    }

    async fn new_delivery(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundMessage,
    ) -> Result<NewDelivery, WebhookFailure> {
        let organization = webhook.verified().organization();
        let delivery = self.stores.conversations.delivery(organization, inbound);
        let delivery = within(self.deadlines.read, "conversation.find", delivery);
        let delivery = delivery.instrument(webhook.context.span().clone());
        delivery.await.map_err(|error| webhook.context.failure(error))
    }

    fn render(&self, webhook: &RoutedWebhook<'_>, response: &MessageResponse) -> Twiml {
        response.render().unwrap_or_else(|error| {
            let _in_span = webhook.context.span().enter();
            tracing::error!(error = %Causes(&error), "reply is too large; message is not answered");
            self.silence.clone()
        })
    }

    /// The response with the replies that arrived in time; `None` if they do not fit into it.
    fn with_replies(&self, offer: &ReplyOffer) -> Option<Twiml> {
        let response = offer.replies().iter().fold(MessageResponse::new(), |response, reply| {
            let OfferedReply { delivery, content } = reply;
            let (body, media) = (content.body.as_str().to_owned(), content.media.clone());
            let status_callback = callback_of_delivery(&self.status_callback, delivery);
            response.then(MessageVerb::Message { body, media, status_callback })
        });
        response.render().ok()
    }

    /// Returns the reply of the number's routing plan or of its own agent.
    async fn reply(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundMessage,
        now: Timestamp,
    ) -> MessageReply {
        let (Some(plan), Some(called)) = (webhook.plan(), Sender::of(&inbound.to)) else {
            return MessageReply::of(&webhook.decide_message(inbound.channel()));
        };
        let situation = Situation {
            channel: inbound.channel(),
            called,
            caller: Caller::read(&inbound.from, webhook.form()),
            event: EventSid::Message(inbound.message),
            at: now,
        };
        self.fallback_chain.reply(webhook, plan, &situation).await
    }
}
