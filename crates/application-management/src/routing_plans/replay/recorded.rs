//! Converts recorded calls and messages to the input of a plan.

use switchboard_domain::address::{Address, Channel};
use switchboard_domain::call::{AttemptDestination, CallRecord, RuleRef};
use switchboard_domain::form::Form;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::{Body, Direction, MessageRecord};
use switchboard_domain::plan::{Caller, CallerFacts, Situation};
use switchboard_domain::routing::Reason;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::EventSid;
use switchboard_domain::time::Timestamp;

use super::Before;

/// A recorded call or message.
pub(super) struct Recorded {
    pub(super) channel: Channel,
    pub(super) event: EventSid,
    pub(super) at: Timestamp,
    pub(super) from: Address,
    facts: CallerFacts,
    pub(super) before: Before,
    /// The rule that decided; `None` if no plan decided.
    pub(super) rule: Option<RuleRef>,
}

impl Recorded {
    /// Converts a recorded call, if it has a decision.
    pub(super) fn of_call(record: &CallRecord) -> Option<Self> {
        let decision = record.decision.as_ref()?;
        let action = record.attempts.iter().find_map(|destination| match destination.destination {
            AttemptDestination::Action(word) => Some(word),
            AttemptDestination::Agent(_) | AttemptDestination::Exhausted => None,
        });
        Some(Self {
            channel: Channel::Voice,
            event: EventSid::Call(record.call),
            at: decision.at,
            from: caller(record.from.as_ref())?,
            facts: record.facts.clone().unwrap_or_default(),
            before: before(decision.agent.as_ref(), decision.reason, action),
            rule: decision.rule.clone(),
        })
    }

    /// Converts a recorded message, if it was inbound.
    pub(super) fn of_message(record: &MessageRecord) -> Option<Self> {
        if record.direction != Direction::Inbound {
            return None;
        }
        let (from, to, reason) =
            (caller(record.from.as_ref())?, record.to.as_ref()?, record.reason?);
        // The address of either side can determine the channel, as in the webhook.
        let channel = match to.message_channel() {
            Channel::Sms => from.message_channel(),
            channel @ (Channel::Voice | Channel::WhatsApp | Channel::Rcs | Channel::Messenger) => {
                channel
            }
        };
        let facts = record.parameters.as_ref().map(|parameters| facts(&from, parameters));
        Some(Self {
            channel,
            event: EventSid::Message(record.message),
            at: record.first_seen_at,
            facts: facts.unwrap_or_default(),
            from,
            before: before(record.agent.as_ref(), reason, None),
            rule: record.rule.clone(),
        })
    }

    pub(super) fn situation(&self, called: Sender) -> Situation<'_> {
        Situation {
            channel: self.channel,
            called,
            caller: self.facts.caller(&self.from),
            event: self.event,
            at: self.at,
        }
    }
}

/// The caller, unless it was erased: no rule can be decided for it again.
fn caller(from: Option<&Address>) -> Option<Address> {
    from.filter(|from| **from != Address::Erased).cloned()
}

fn before(agent: Option<&AgentId>, reason: Reason, action: Option<&'static str>) -> Before {
    match (agent, reason) {
        // Without a plan, an agent that could not answer is not recorded.
        (Some(agent), _) => Before::Agent(agent.clone()),
        (None, Reason::PlannedAction) => Before::UnknownAction(action),
        (None, _) => Before::Nobody,
    }
}

/// Reads the location of the sender from the stored parameters, which are a form.
fn facts(from: &Address, parameters: &Body) -> CallerFacts {
    let form = Form::parse(parameters.as_str().as_bytes());
    form.map(|form| CallerFacts::of(&Caller::read(from, &form))).unwrap_or_default()
}
