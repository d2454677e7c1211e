//! A delivery, as it is printed for people.

use switchboard_admin::objects::{AgentRefObject, DeliveryAttemptObject, DeliveryObject};
use switchboard_domain::delivery::{Attempt, AttemptOutcome};
use switchboard_domain::time::Timestamp;

use super::{Sheet, or_none, sheet};
use crate::command_line::output::View;
use crate::command_line::remedies;

/// The most characters of a text in a table.
const SHOWN: usize = 40;

/// An attempt, to look up its remedy, which depends on neither its time nor its detail. `None` for an outcome of a later version.
pub(in crate::command_line) fn attempt(made: &DeliveryAttemptObject) -> Option<Attempt> {
    let (at, milliseconds) = (Timestamp::from_seconds(0), made.milliseconds);
    let outcome = AttemptOutcome::parse(&made.outcome)?;
    Some(Attempt { at, milliseconds, outcome, code: made.code, detail: None })
}

/// What to do about a delivery.
fn advice(delivery: &DeliveryObject) -> String {
    // There is a reason if and only if the last attempt failed.
    let last = delivery.reason.as_ref().and(delivery.attempts.last()).and_then(attempt);
    let agent = delivery.agent.as_ref().map(|agent| agent.id.as_str());
    let remedy = last.and_then(|made| match &delivery.subscription {
        None => remedies::delivery_attempt(&made, agent).remedy,
        Some(id) => remedies::event_attempt(&made, id).remedy,
    });
    remedy.unwrap_or_else(|| "nothing".to_owned())
}

/// The whole story.
impl Sheet for DeliveryObject {
    fn sheet(&self) -> String {
        let (delivery, advice) = (self, advice(self));
        let agent = delivery.agent.as_ref().map(ToString::to_string);
        let outgoing = delivery.outgoing.as_ref();
        let media = outgoing.map(|outgoing| outgoing.media.join(" "));
        let media = media.filter(|media| !media.is_empty());
        let event = delivery.event.as_ref().map(|event| format!("{} ({})", event.id, event.kind));
        let mut text = sheet(&[
            ("delivery", &delivery.id),
            ("kind", &delivery.kind),
            ("target", or_none(delivery.target.as_deref())),
            ("state", &delivery.state),
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
            ("at Twilio", or_none(outgoing.map(|outgoing| outgoing.state.as_ref()))),
            ("sent as", or_none(outgoing.and_then(|outgoing| outgoing.sid.as_deref()))),
            ("what to do", &advice),
        ]);
        text.extend(attempt_lines(delivery));
        text
    }
}

/// The state and the attempts, below a message.
pub(super) fn summary(delivery: &DeliveryObject) -> String {
    let next = delivery.next_attempt_at.as_ref().map(|at| format!(", next attempt {at}"));
    let reason = delivery.reason.as_ref().map(|reason| format!(", {reason}"));
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

impl View for DeliveryObject {
    const COLUMNS: &'static [&'static str] =
        &["CREATED", "ID", "KIND", "AGENT", "STATE", "ATTEMPTS", "NEXT ATTEMPT", "REASON", "TEXT"];

    const WHOLE: &'static [usize] = &[0, 1];

    const OPTIONAL: &'static [usize] = &[8, 6, 7, 3, 5];

    fn cells(&self) -> Vec<String> {
        let delivery = self;
        let agent = delivery.agent.as_ref().map(AgentRefObject::short);
        let body = delivery.outgoing.iter().flat_map(|outgoing| outgoing.body.chars());
        let kind = delivery.event.iter().flat_map(|event| event.kind.chars());
        vec![
            delivery.created_at.clone(),
            delivery.id.clone(),
            delivery.kind.to_string(),
            or_none(agent).to_owned(),
            delivery.state.to_string(),
            delivery.attempts.len().to_string(),
            or_none(delivery.next_attempt_at.as_deref()).to_owned(),
            or_none(delivery.reason.as_deref()).to_owned(),
            body.chain(kind).take(SHOWN).collect(),
        ]
    }
}
