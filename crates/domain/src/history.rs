//! What operators look up: calls, messages and rejections, newest first.

use crate::address::Address;
use crate::call::{CallRecord, Outcome, RuleRef};
use crate::identifier::{AgentId, PlanId, RejectionId};
use crate::message::MessageRecord;
use crate::phone_number::PhoneNumber;
use crate::rejection::{Refusal, Rejection};
use crate::routing::Reason;
use crate::sid::{AccountSid, CallSid, MessageSid};
use crate::status::MessageStatus;
use crate::time::Timestamp;

/// The place of a call in a list: its first event, and its SID.
pub type CallPlace = (Timestamp, CallSid);
/// The place of a message in a list: its first event, and its SID.
pub type MessagePlace = (Timestamp, MessageSid);
/// The place of a rejection in a list: its time, and its id.
pub type RejectionPlace = (Timestamp, RejectionId);

/// A period of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The start, inclusive; `None` for the first record.
    pub since: Option<Timestamp>,
    /// The end, exclusive; `None` for the last record.
    pub until: Option<Timestamp>,
}

impl Period {
    /// Whether an instant is in the period.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Which calls or messages are looked up. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// When the first event arrived.
    pub period: Period,
    /// Address of the caller or sender.
    pub from: Option<Address>,
    /// Address that was called or written to.
    pub to: Option<Address>,
    /// A number on either side, on any channel.
    pub number: Option<PhoneNumber>,
    /// Only what belongs to this account.
    pub account: Option<AccountSid>,
    /// The agent that the decision chose.
    pub agent: Option<AgentId>,
    /// The routing plan that decided.
    pub plan: Option<PlanId>,
    /// The reason of the decision.
    pub reason: Option<Reason>,
    /// The outcome. Only calls have one.
    pub outcome: Option<Outcome>,
    /// The state. Only messages have one.
    pub status: Option<MessageStatus>,
}

/// What a list contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// Calls.
    Calls,
    /// Messages.
    Messages,
}

impl Records {
    /// The reasons that the decisions about these records can have.
    pub fn reasons(self) -> impl Iterator<Item = Reason> {
        let foreign: &[Reason] = match self {
            Self::Calls => {
                &[Reason::NoMessageTarget, Reason::Keyword, Reason::OptedOut, Reason::LoopStopped]
            }
            Self::Messages => &[Reason::NoVoiceTarget, Reason::HandlerFailed],
        };
        Reason::ALL.into_iter().filter(|reason| !foreign.contains(reason))
    }
}

impl HistoryFilter {
    /// Whether the number is neither of two given sides, so that nothing can match.
    pub fn names_third_party(&self) -> bool {
        match (self.number, &self.from, &self.to) {
            (Some(number), Some(from), Some(to)) => {
                ![from, to].iter().any(|side| side.phone_number() == Some(number))
            }
            _ => false,
        }
    }

    /// Whether nothing but a period restricts the list.
    pub fn has_period_only(&self) -> bool {
        *self == Self { period: self.period, ..Self::default() }
    }

    /// Whether a call is meant.
    pub fn selects_call(&self, call: &CallRecord) -> bool {
        let decision = call.decision.as_ref();
        self.selects(&Facts {
            at: call.first_seen_at,
            account: call.account,
            parties: [call.from.as_ref(), call.to.as_ref()],
            agent: decision.and_then(|decision| decision.agent.as_ref()),
            rule: decision.and_then(|decision| decision.rule.as_ref()),
            reason: decision.map(|decision| decision.reason),
        }) && self.outcome.is_none_or(|outcome| outcome == call.outcome())
    }

    /// Whether a message is meant.
    pub fn selects_message(&self, message: &MessageRecord) -> bool {
        self.selects(&Facts {
            at: message.first_seen_at,
            account: message.account,
            parties: [message.from.as_ref(), message.to.as_ref()],
            agent: message.agent.as_ref(),
            rule: message.rule.as_ref(),
            reason: message.reason,
        }) && self.status.is_none_or(|status| status == message.status)
    }

    /// The texts of the addresses that a number can have.
    pub fn spellings(number: PhoneNumber) -> [String; 3] {
        [Address::Phone(number), Address::WhatsApp(number), Address::RcsPhone(number)]
            .map(|address| address.to_text())
    }

    fn selects(&self, facts: &Facts<'_>) -> bool {
        let [from, to] = facts.parties;
        let is_party = |number| {
            facts.parties.iter().flatten().any(|party| party.phone_number() == Some(number))
        };
        self.period.contains(facts.at)
            && is(self.from.as_ref(), from)
            && is(self.to.as_ref(), to)
            && self.number.is_none_or(is_party)
            && is(self.account.as_ref(), Some(&facts.account))
            && is(self.agent.as_ref(), facts.agent)
            && is(self.plan.as_ref(), facts.rule.map(|rule| &rule.plan))
            && is(self.reason.as_ref(), facts.reason.as_ref())
    }
}

/// What a filter asks about.
struct Facts<'a> {
    at: Timestamp,
    account: AccountSid,
    parties: [Option<&'a Address>; 2],
    agent: Option<&'a AgentId>,
    rule: Option<&'a RuleRef>,
    reason: Option<Reason>,
}

fn is<T: PartialEq>(wanted: Option<&T>, value: Option<&T>) -> bool {
    wanted.is_none() || wanted == value
}

/// Which rejections are looked up. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectionFilter {
    /// When the last of the requests arrived.
    pub period: Period,
    /// The account that the requests named.
    pub account: Option<AccountSid>,
    /// Why they were refused.
    pub refusal: Option<Refusal>,
}

impl RejectionFilter {
    /// Whether nothing but a period restricts the list.
    pub fn has_period_only(&self) -> bool {
        *self == Self { period: self.period, ..Self::default() }
    }

    /// Whether a rejection is meant.
    pub fn selects(&self, rejection: &Rejection) -> bool {
        self.period.contains(rejection.at)
            && is(self.account.as_ref(), rejection.account.as_ref())
            && self.refusal.is_none_or(|refusal| refusal == rejection.refusal)
    }
}
