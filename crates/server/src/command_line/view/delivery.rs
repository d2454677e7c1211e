//! A delivery, as it is printed.

use serde::Serialize;
use switchboard_admin::objects::{
    AgentRefObject, DeliveryAttemptObject, DeliveryObject, failed_attempt,
};
use switchboard_domain::delivery::{Delivery, QueueOwner};

use super::{or_none, sheet};
use crate::command_line::output::View;
use crate::command_line::remedies;

/// The most characters of a text in a table.
const SHOWN: usize = 40;

/// A delivery, and what to do about it.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct DeliveryView {
    #[serde(flatten)]
    delivery: DeliveryObject,
    #[serde(skip)]
    advice: String,
}

impl DeliveryView {
    pub(in crate::command_line) fn of(object: DeliveryObject, delivery: &Delivery) -> Self {
        let agent = object.agent.as_ref().map(|agent| agent.id.as_str());
        let remedy = failed_attempt(delivery).and_then(|made| match &delivery.owner {
            QueueOwner::Conversation(_) => remedies::delivery_attempt(made, agent).remedy,
            QueueOwner::Subscription(id) => remedies::event_attempt(made, id.as_str()).remedy,
        });
        Self { delivery: object, advice: remedy.unwrap_or_else(|| "nothing".to_owned()) }
    }

    /// The whole story, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let Self { delivery, advice } = self;
        let agent = delivery.agent.as_ref().map(ToString::to_string);
        let outgoing = delivery.outgoing.as_ref();
        let media = outgoing.map(|outgoing| outgoing.media.join(" "));
        let media = media.filter(|media| !media.is_empty());
        let event = delivery.event.as_ref().map(|event| format!("{} ({})", event.id, event.kind));
        let mut text = sheet(&[
            ("delivery", &delivery.id),
            ("kind", delivery.kind),
            ("target", or_none(delivery.target.as_deref())),
            ("state", delivery.state),
            ("next attempt", or_none(delivery.next_attempt_at.as_deref())),
            ("created", &delivery.created_at),
            ("message", or_none(delivery.message_sid.as_deref())),
            ("account", &delivery.account_sid),
            ("agent", or_none(agent.as_deref())),
            ("conversation", or_none(delivery.conversation.as_deref())),
            ("subscription", or_none(delivery.subscription.as_deref())),
            ("event", or_none(event.as_deref())),
            ("from", or_none(outgoing.map(|outgoing| outgoing.from.as_str()))),
            ("to", or_none(outgoing.map(|outgoing| outgoing.to.as_str()))),
            ("text", or_none(outgoing.map(|outgoing| outgoing.body.as_str()))),
            ("media", or_none(media.as_deref())),
            ("at Twilio", or_none(outgoing.map(|outgoing| outgoing.state))),
            ("sent as", or_none(outgoing.and_then(|outgoing| outgoing.sid.as_deref()))),
            ("what to do", advice),
        ]);
        text.extend(attempt_lines(delivery));
        text
    }
}

/// The state and the attempts, below a message.
pub(super) fn summary(delivery: &DeliveryObject) -> String {
    let next = delivery.next_attempt_at.as_ref().map(|at| format!(", next attempt {at}"));
    let reason = delivery.reason.map(|reason| format!(", {reason}"));
    let mut text = format!(
        "\ndelivery  {}  {}{}{}",
        delivery.id,
        delivery.state,
        reason.unwrap_or_default(),
        next.unwrap_or_default()
    );
    text.extend(attempt_lines(delivery));
    text
}

fn attempt_lines(delivery: &DeliveryObject) -> impl Iterator<Item = String> {
    delivery.attempts.iter().enumerate().map(|(number, made)| {
        let DeliveryAttemptObject { at, milliseconds, explanation, .. } = made;
        format!("\nattempt {}  {at}  {milliseconds} ms  {explanation}", number + 1)
    })
}

impl View for DeliveryView {
    const COLUMNS: &'static [&'static str] =
        &["CREATED", "ID", "KIND", "AGENT", "STATE", "ATTEMPTS", "NEXT ATTEMPT", "REASON", "TEXT"];

    const WHOLE: &'static [usize] = &[0, 1];

    const OPTIONAL: &'static [usize] = &[8, 6, 7, 3, 5];

    fn cells(&self) -> Vec<String> {
        let delivery = &self.delivery;
        let agent = delivery.agent.as_ref().map(AgentRefObject::short);
        let body = delivery.outgoing.iter().flat_map(|outgoing| outgoing.body.chars());
        let kind = delivery.event.iter().flat_map(|event| event.kind.chars());
        vec![
            delivery.created_at.clone(),
            delivery.id.clone(),
            delivery.kind.to_owned(),
            or_none(agent).to_owned(),
            delivery.state.to_owned(),
            delivery.attempts.len().to_string(),
            or_none(delivery.next_attempt_at.as_deref()).to_owned(),
            or_none(delivery.reason).to_owned(),
            body.chain(kind).take(SHOWN).collect(),
        ]
    }
}
