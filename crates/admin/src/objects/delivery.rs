//! A delivery as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::delivery::{
    Attempt, AttemptOutcome, Delivery, DeliveryItem, DeliveryState, EventItem, Outgoing, QueueOwner,
};
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::web_address::WebUrl;
use utoipa::ToSchema;

use super::party::{AgentRefObject, address};
use super::{NumberDisplay, instant};
use crate::wording::Wording;

const TWILIO: &str = "twilio";

/// A message or an event on its way to a target.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryObject {
    /// Its id.
    pub id: String,
    /// What is delivered.
    pub kind: Cow<'static, str>,
    /// Where: `twilio`, or the URL of the endpoint without its path.
    #[schema(required)]
    pub target: Option<String>,
    /// `pending`, `delivering`, `delivered`, `dead` or `canceled`.
    pub state: Cow<'static, str>,
    /// The latest attempts, oldest first.
    pub attempts: Vec<DeliveryAttemptObject>,
    /// When it is attempted next.
    #[schema(required, format = DateTime)]
    pub next_attempt_at: Option<String>,
    /// The outcome of the last attempt, if it failed.
    #[schema(required)]
    pub reason: Option<Cow<'static, str>>,
    /// The organization that it belongs to.
    pub organization: String,
    /// The account of the message or event.
    pub account_sid: String,
    /// The received message.
    #[schema(required)]
    pub message_sid: Option<String>,
    /// The agent.
    #[schema(required)]
    pub agent: Option<AgentRefObject>,
    /// The conversation.
    #[schema(required)]
    pub conversation: Option<String>,
    /// The message to a contact.
    #[schema(required)]
    pub outgoing: Option<OutgoingObject>,
    /// The subscription.
    #[schema(required)]
    pub subscription: Option<String>,
    /// The event.
    #[schema(required)]
    pub event: Option<EventRefObject>,
    /// When it was added.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// An attempt of a delivery.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct DeliveryAttemptObject {
    /// When it began.
    #[schema(format = DateTime)]
    pub at: String,
    /// How long it took.
    pub milliseconds: u32,
    /// Its outcome.
    pub outcome: Cow<'static, str>,
    /// The status of the response, or Twilio's error code.
    #[schema(required)]
    pub code: Option<u32>,
    /// What the outcome means.
    pub explanation: String,
}

/// A message to a contact.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Outgoing)]
pub struct OutgoingObject {
    /// Our number or sender.
    pub from: String,
    /// The contact.
    pub to: String,
    /// The text.
    pub body: String,
    /// The URLs of its files.
    pub media: Vec<String>,
    /// What is known about it at Twilio.
    pub state: Cow<'static, str>,
    /// Its SID, once Twilio has it.
    #[schema(required)]
    pub sid: Option<String>,
}

/// An event that is delivered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = EventRef)]
pub struct EventRefObject {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
}

impl EventRefObject {
    fn of(item: &EventItem) -> Self {
        Self { id: item.event.to_string(), kind: item.kind.as_str().into() }
    }
}

impl OutgoingObject {
    fn of(outgoing: &Outgoing, phone_numbers: NumberDisplay) -> Self {
        let media = outgoing.content.media.iter().map(|url| url.as_str().to_owned());
        Self {
            from: address(&outgoing.from, phone_numbers),
            to: address(&outgoing.to, phone_numbers),
            body: outgoing.content.body.as_str().to_owned(),
            media: media.collect(),
            state: outgoing.progress.state.as_str().into(),
            sid: outgoing.progress.sid.map(|sid| sid.to_string()),
        }
    }
}

/// The last attempt of a delivery, if it is the reason why nothing was delivered.
fn failed_attempt(delivery: &Delivery) -> Option<&Attempt> {
    let is_reason =
        |outcome: AttemptOutcome| outcome.is_failure() || outcome == AttemptOutcome::WindowClosed;
    let last = delivery.attempts.last().filter(|made| is_reason(made.outcome));
    last.filter(|_| delivery.state != DeliveryState::Delivered)
}

impl DeliveryObject {
    /// Renders a delivery. `endpoint` is the URL of the endpoint of the agent or subscription. Phone numbers are masked unless
    /// they are to be revealed.
    pub fn of(
        delivery: &Delivery,
        agent: Option<AgentRefObject>,
        endpoint: Option<&WebUrl>,
        phone_numbers: NumberDisplay,
        wording: &dyn Wording,
    ) -> Self {
        let (target, outgoing, event) = match &delivery.item {
            DeliveryItem::Received(_) => (endpoint.map(origin), None, None),
            DeliveryItem::Outgoing(outgoing) => (Some(TWILIO.to_owned()), Some(outgoing), None),
            DeliveryItem::Event(item) => (endpoint.map(origin), None, Some(item)),
        };
        let subscription = match &delivery.owner {
            QueueOwner::Conversation(_) => None,
            QueueOwner::Subscription(id) => Some(id),
        };
        let attempt = |made: &Attempt| DeliveryAttemptObject {
            at: instant(made.at),
            milliseconds: made.milliseconds,
            outcome: made.outcome.as_str().into(),
            code: made.code,
            explanation: wording.attempt(made, subscription),
        };
        Self {
            id: delivery.id.to_string(),
            kind: delivery.item.kind().into(),
            target,
            state: delivery.state.as_str().into(),
            attempts: delivery.attempts.iter().map(attempt).collect(),
            next_attempt_at: delivery.next_attempt_at.map(instant),
            reason: failed_attempt(delivery).map(|made| made.outcome.as_str().into()),
            organization: delivery.organization.to_string(),
            account_sid: delivery.account.to_string(),
            message_sid: delivery.item.message().map(|sid| sid.to_string()),
            outgoing: outgoing.map(|outgoing| OutgoingObject::of(outgoing, phone_numbers)),
            conversation: delivery.conversation().map(ConversationId::to_string),
            event: event.map(EventRefObject::of),
            created_at: instant(delivery.created_at),
            agent,
            subscription: subscription.map(ToString::to_string),
        }
    }
}

/// The URL without its path, which can contain a secret.
fn origin(url: &WebUrl) -> String {
    let url = url.as_str();
    let start = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url.get(start..).and_then(|rest| rest.find(['/', '?', '#']));
    let end = end.map_or(url.len(), |end| start + end);
    let (scheme, host) = (url.get(..start), url.get(start..end).unwrap_or_default());
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{}{host}", scheme.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use switchboard_domain::web_address::WebUrl;

    use super::origin;

    #[test]
    fn a_target_is_shown_without_its_path() {
        let url = WebUrl::parse("https://agents.example.com:8443/hooks/secret?key=1").unwrap();
        assert_eq!(origin(&url), "https://agents.example.com:8443");
    }
}
