//! Receives a message: stores it, then answers it.

use std::sync::Arc;

use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::{Body, InboundMessage, ReceivedMessage};
use switchboard_domain::plan::{Caller, Situation};
use switchboard_domain::ports::{Clock, Insertion, MessageStore};
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, EventSid, MessageSid};
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::{MessageResponse, Twiml, TwimlTooLarge};
use tracing::Instrument;

use crate::authenticate::Authenticator;
use crate::deadline::{Deadlines, within};
use crate::error::WebhookFailure;
use crate::plan_runtime::{FallbackChain, MessageReply};
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::webhook_request::WebhookRequest;

/// The answer to a message.
pub struct MessageAnswer {
    /// The response to Twilio.
    pub twiml: Twiml,
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

/// Receives messages.
pub struct ReceiveMessage {
    authenticator: Arc<Authenticator>,
    router: Arc<Router>,
    store: Arc<dyn MessageStore>,
    fallback_chain: FallbackChain,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    silence: Twiml,
}

impl ReceiveMessage {
    /// Creates the use case.
    pub fn new(
        authenticator: Arc<Authenticator>,
        router: Arc<Router>,
        store: Arc<dyn MessageStore>,
        fallback_chain: FallbackChain,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TwimlTooLarge> {
        let silence = MessageResponse::new().render()?;
        Ok(Self { authenticator, router, store, fallback_chain, deadlines, clock, silence })
    }

    /// Stores a message and answers it. A message is answered only after it is stored. A duplicate
    /// gets the same answer and is stored once.
    pub async fn receive(
        &self,
        request: WebhookRequest<'_>,
    ) -> Result<MessageAnswer, WebhookFailure> {
        let webhook = self.authenticator.verify(Endpoint::Message, &request)?;
        let inbound = webhook.read(InboundMessage::parse)?;
        let number = inbound.to.phone_number();
        let webhook = self.router.route(webhook, number, OnOutage::Fail).await?;
        let now = self.clock.now();
        let message = inbound.message;
        let reply = self.reply(&webhook, &inbound, now).await;
        let twiml = reply.response.render().unwrap_or_else(|error| {
            let _in_span = webhook.context.span().enter();
            tracing::error!(error = %Causes(&error), "reply is too large; message is not answered");
            self.silence.clone()
        });
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
        };
        let insert =
            within(self.deadlines.write, "message.insert", self.store.insert_once(&received));
        let insert = insert.instrument(webhook.context.span().clone());
        let insertion = insert.await.map_err(|error| webhook.context.failure(error))?;
        Ok(MessageAnswer {
            twiml,
            reason: received.reason,
            agent: received.agent,
            account: received.account,
            message,
            insertion,
        })
    }

    /// Returns the reply of the number's routing plan or of its own agent.
    async fn reply(
        &self,
        webhook: &RoutedWebhook<'_>,
        inbound: &InboundMessage,
        now: Timestamp,
    ) -> MessageReply {
        let (Some(plan), Some(called)) = (webhook.plan(), inbound.to.phone_number()) else {
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
