//! A message comes in: it is kept, then answered.

use std::sync::Arc;

use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::{Body, InboundMessage, ReceivedMessage};
use switchboard_domain::plan::{Caller, Situation};
use switchboard_domain::ports::{Clock, Kept, MessageStore};
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::routing::{Reason, decide_message};
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::twiml::{MessageResponse, Twiml, TwimlTooLarge};

use crate::authenticate::{Authenticator, WebhookRequest};
use crate::deadline::{Deadlines, within};
use crate::error::WebhookError;
use crate::plan_runtime::{Answering, FallbackChain};
use crate::route_cache::RouteCache;

/// The answer to a message.
pub struct MessageAnswer {
    /// What Twilio is told to do.
    pub twiml: Twiml,
    /// Why.
    pub reason: Reason,
    /// Who answers, if anybody.
    pub agent: Option<AgentId>,
    /// The account of the message.
    pub account: AccountSid,
    /// The message.
    pub message: MessageSid,
    /// Whether it was kept before.
    pub kept: Kept,
}

/// Receives messages.
pub struct ReceiveMessage {
    endpoint: Arc<Authenticator>,
    routes: Arc<RouteCache>,
    store: Arc<dyn MessageStore>,
    fallback_chain: FallbackChain,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    silence: Twiml,
}

impl ReceiveMessage {
    /// The use case over its parts.
    pub fn new(
        endpoint: Arc<Authenticator>,
        routes: Arc<RouteCache>,
        store: Arc<dyn MessageStore>,
        fallback_chain: FallbackChain,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TwimlTooLarge> {
        Ok(Self {
            endpoint,
            routes,
            store,
            fallback_chain,
            deadlines,
            clock,
            silence: MessageResponse::new().render()?,
        })
    }

    /// Keeps one message and answers it. Nothing is answered that is not kept; a message that comes again
    /// is answered the same way and kept once.
    pub async fn receive(
        &self,
        request: WebhookRequest<'_>,
    ) -> Result<MessageAnswer, WebhookError> {
        let mut verified_request = self.endpoint.enter(Endpoint::Message, &request)?;
        let inbound = InboundMessage::parse(&verified_request.form)?;
        let known = match inbound.to.phone_number() {
            Some(number) => {
                self.routes.find_for(number, verified_request.verified.account()).await?
            }
            None => None,
        };
        let bound =
            self.endpoint.bind(&mut verified_request, known.as_ref().map(|known| &known.route))?;
        let now = self.clock.now();
        let message = inbound.message;
        let plan = known.as_ref().and_then(|known| known.plan.as_ref());
        let decided = match (plan, inbound.to.phone_number()) {
            (Some(plan), Some(number)) => {
                let caller = Caller::read(&inbound.from, &verified_request.form);
                let event = message.to_string();
                let channel = inbound.channel();
                let situation =
                    Situation { channel, called: number, caller, event: &event, at: now };
                self.fallback_chain.answer(plan, &situation).await
            }
            _ => Answering::of(&decide_message(bound, inbound.channel())),
        };
        let twiml = decided.response.render().unwrap_or_else(|error| {
            tracing::error!(message.sid = %message, error = %Causes(&error), "reply not sent");
            self.silence.clone()
        });
        let received = ReceivedMessage {
            account: verified_request.verified.account(),
            organization: verified_request.verified.organization().clone(),
            inbound,
            parameters: Body::new(&raw_parameters(&request)),
            agent: decided.agent,
            reason: decided.reason,
            verified_by: verified_request.verified.verified_by(),
            received_at: now,
        };
        let kept = within(self.deadlines.write, "message.keep", self.store.keep(&received)).await?;
        Ok(MessageAnswer {
            twiml,
            reason: received.reason,
            agent: received.agent,
            account: received.account,
            message,
            kept,
        })
    }
}

/// The parameters as they came, form-encoded. They were read as a form, so they are text.
fn raw_parameters(request: &WebhookRequest<'_>) -> String {
    use crate::authenticate::Parameters;
    match request.parameters {
        Parameters::Form(body) => String::from_utf8_lossy(body).into_owned(),
        Parameters::Query | Parameters::Body(_) => request
            .target
            .split_once('?')
            .map_or_else(String::new, |(_path, query)| query.to_owned()),
    }
}
