//! A message, as it is printed.

use switchboard_admin::objects::{AgentRefObject, DeliveryObject, MessageObject};
use switchboard_domain::delivery::DeliveryState;
use switchboard_domain::routing::Reason;

use super::delivery::attempt;
use super::{NONE, or_none, sheet};
use crate::command_line::output::View;
use crate::command_line::remedies::{self, twilio_error};

/// The most characters of a text in a table.
const SHOWN: usize = 40;

impl View for MessageObject {
    const COLUMNS: &'static [&'static str] =
        &["RECEIVED", "SID", "DIRECTION", "FROM", "TO", "AGENT", "STATUS", "REASON", "TEXT"];

    const WHOLE: &'static [usize] = &[0, 1];

    const OPTIONAL: &'static [usize] = &[7, 5, 2, 8];

    fn cells(&self) -> Vec<String> {
        let agent = self.agent.as_ref().map(AgentRefObject::short);
        let text: String = self.body.iter().flat_map(|body| body.chars()).take(SHOWN).collect();
        vec![
            self.received_at.clone(),
            self.sid.clone(),
            self.direction.to_string(),
            or_none(self.from.as_deref()).to_owned(),
            or_none(self.to.as_deref()).to_owned(),
            or_none(agent).to_owned(),
            self.status.to_string(),
            or_none(self.reason.as_deref()).to_owned(),
            text,
        ]
    }
}

/// What to do about a message, if anything has to be done.
pub(super) fn advice(message: &MessageObject, delivery: Option<&DeliveryObject>) -> Option<String> {
    let reason = message.reason.as_deref().and_then(Reason::parse);
    let error = message.error.as_ref().map(|error| twilio_error(error.code).remedy);
    let by_reason = reason.and_then(remedies::decision).or(error);
    let dead = delivery.filter(|delivery| delivery.state.as_ref() == DeliveryState::Dead.as_str());
    let dead = dead.and_then(|delivery| delivery.attempts.last()).and_then(attempt);
    let agent = message.agent.as_ref().map(|agent| agent.id.as_str());
    dead.and_then(|made| remedies::delivery_attempt(&made, agent).remedy)
        .or(by_reason.map(str::to_owned))
}

/// The message, line by line, for people.
pub(super) fn lines(message: &MessageObject, advice: &str) -> String {
    let agent = message.agent.as_ref().map(ToString::to_string);
    let plan = match (&message.plan, &message.rule) {
        (Some(plan), Some(rule)) => Some(format!("{plan}: {rule}")),
        _ => None,
    };
    let error = message.error.as_ref().map(ToString::to_string);
    let why = message.reason.as_deref().and_then(Reason::parse).map(Reason::explanation);
    let media: Vec<_> = message.media.iter().map(|media| media.url.as_str()).collect();
    let media = media.join(" ");
    sheet(&[
        ("message", &message.sid),
        ("direction", &message.direction),
        ("channel", &message.channel),
        ("from", or_none(message.from.as_deref())),
        ("to", or_none(message.to.as_deref())),
        ("account", &message.account_sid),
        ("received", &message.received_at),
        ("status", &message.status),
        ("error", or_none(error.as_deref())),
        ("agent", or_none(agent.as_deref())),
        ("plan", or_none(plan.as_deref())),
        ("reason", or_none(why)),
        ("media", if media.is_empty() { NONE } else { &media }),
        ("text", or_none(message.body.as_deref())),
        ("conversation", or_none(message.conversation.as_deref())),
        ("what to do", advice),
    ])
}
