//! A message comes in: it is kept, then answered.

use std::sync::Arc;

use switchboard_domain::agent::MessageTarget;
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::{Body, InboundMessage, ReceivedMessage};
use switchboard_domain::ports::{Clock, Kept, MessageStore};
use switchboard_domain::rejection::Door;
use switchboard_domain::routing::{Decision, Reason, decide_message};
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::twiml::{MessageResponse, MessageVerb, Twiml, TwimlTooLarge};

use crate::deadline::{Deadlines, within};
use crate::front_door::{FrontDoor, WebhookRequest};
use crate::outcome::Closed;
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
    door: Arc<FrontDoor>,
    routes: Arc<RouteCache>,
    store: Arc<dyn MessageStore>,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    silence: Twiml,
}

impl ReceiveMessage {
    /// The use case over its parts.
    pub fn new(
        door: Arc<FrontDoor>,
        routes: Arc<RouteCache>,
        store: Arc<dyn MessageStore>,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TwimlTooLarge> {
        Ok(Self {
            door,
            routes,
            store,
            deadlines,
            clock,
            silence: MessageResponse::new().render()?,
        })
    }

    /// Keeps one message and answers it. Nothing is answered that is not kept; a message that comes again
    /// is answered the same way and kept once.
    pub async fn receive(&self, request: WebhookRequest<'_>) -> Result<MessageAnswer, Closed> {
        let mut entered = self.door.enter(Door::Message, &request)?;
        let inbound = InboundMessage::parse(&entered.form)?;
        let known = match inbound.to.phone_number() {
            Some(number) => self.routes.find_for(number, entered.admitted.account()).await?,
            None => None,
        };
        let bound = self.door.bind(&mut entered, known.as_ref().map(|known| &known.route))?;
        let decision = decide_message(bound, inbound.channel());
        let message = inbound.message;
        let twiml = answer(&decision).unwrap_or_else(|error| {
            tracing::error!(message.sid = %message, error = %Causes(&error), "reply not sent");
            self.silence.clone()
        });
        let received = ReceivedMessage {
            account: entered.admitted.account(),
            organization: entered.admitted.organization().clone(),
            inbound,
            parameters: Body::new(&raw_parameters(&request)),
            agent: decision.agent().cloned(),
            reason: decision.reason(),
            evidence: entered.admitted.evidence(),
            received_at: self.clock.now(),
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
    use crate::front_door::Parameters;
    match request.parameters {
        Parameters::Form(body) => String::from_utf8_lossy(body).into_owned(),
        Parameters::Query | Parameters::Body(_) => request
            .target
            .split_once('?')
            .map_or_else(String::new, |(_path, query)| query.to_owned()),
    }
}

fn answer(decision: &Decision<'_, MessageTarget>) -> Result<Twiml, TwimlTooLarge> {
    let response = MessageResponse::new();
    match decision {
        Decision::Agent { target: MessageTarget::Reply(reply), .. } => {
            response.then(MessageVerb::Message { body: reply.as_str().to_owned() })
        }
        Decision::Agent { target: MessageTarget::Redirect(url), .. } => {
            response.then(MessageVerb::Redirect { url: url.as_str().to_owned() })
        }
        Decision::Nobody(_) => response,
    }
    .render()
}
