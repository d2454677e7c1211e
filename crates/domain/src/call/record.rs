//! The stored record of a call, and how records of one call merge.

use super::request::CallEvent;
use crate::address::Address;
use crate::authentication::VerifiedBy;
use crate::identifier::{AgentId, OrganizationId, PlanId};
use crate::plan::CallerFacts;
use crate::routing::Reason;
use crate::sid::{AccountSid, CallSid};
use crate::status::CallProgress;
use crate::time::Timestamp;

/// A rule of a version of a routing plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// Identifies the plan.
    pub plan: PlanId,
    /// Version of the plan, from 1.
    pub version: u32,
    /// Index of the rule, from 0; `None` for the plan's `otherwise`.
    pub rule: Option<u32>,
}

/// One attempt of a fallback chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptRecord {
    /// When the attempt began.
    pub at: Timestamp,
    /// Where the call was sent.
    pub destination: AttemptDestination,
}

/// The destination of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttemptDestination {
    /// An agent.
    Agent(AgentId),
    /// An action of the plan, by its stable name.
    Action(&'static str),
    /// None: every destination of the chain had been tried.
    Exhausted,
}

/// A routing decision for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDecision {
    /// The chosen agent; `None` if the call was not connected to one.
    pub agent: Option<AgentId>,
    /// Why the decision was made.
    pub reason: Reason,
    /// How the request was verified.
    pub verified_by: VerifiedBy,
    /// The rule that decided; `None` if no routing plan did.
    pub rule: Option<RuleRef>,
    /// When the decision was made.
    pub at: Timestamp,
}

/// The end of the connection to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnection {
    /// Twilio's error code; `None` if the connection did not fail.
    pub error_code: Option<u32>,
    /// When the connection ended.
    pub at: Timestamp,
}

/// What is known about a call. Events arrive in any order and are merged into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Account that owns the call.
    pub account: AccountSid,
    /// SID of the call.
    pub call: CallSid,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// Address of the caller; `None` until an event names it.
    pub from: Option<Address>,
    /// Address that was called; `None` until an event names it.
    pub to: Option<Address>,
    /// The first routing decision; `None` until one is made.
    pub decision: Option<CallDecision>,
    /// The most advanced state; `None` until a callback reports one.
    pub progress: Option<CallProgress>,
    /// The end of the connection to the agent; `None` until it ends.
    pub disconnection: Option<Disconnection>,
    /// Where Twilio reported the caller to be; `None` unless a routing plan decided.
    pub facts: Option<CallerFacts>,
    /// Attempts of the fallback chain, in the order of their times.
    pub attempts: Vec<AttemptRecord>,
    /// When the first event of the call arrived.
    pub first_seen_at: Timestamp,
}

impl CallRecord {
    /// Whether a callback reported that the call has ended.
    pub fn has_ended(&self) -> bool {
        self.progress.is_some_and(|progress| progress.status.is_final())
    }

    /// Creates a record that identifies the call and knows nothing else about it.
    pub const fn of(
        account: AccountSid,
        organization: OrganizationId,
        call: CallSid,
        at: Timestamp,
    ) -> Self {
        Self {
            account,
            call,
            organization,
            from: None,
            to: None,
            decision: None,
            progress: None,
            disconnection: None,
            facts: None,
            attempts: Vec::new(),
            first_seen_at: at,
        }
    }

    /// Adds the addresses and the state of a status callback.
    #[must_use]
    pub fn with_event(mut self, event: CallEvent) -> Self {
        self.from = event.from.or(self.from);
        self.to = event.to.or(self.to);
        self.progress = Some(event.progress);
        self
    }

    /// Merges two records of one call. `self` is the stored one.
    ///
    /// The earliest decision, the earliest disconnection and the most advanced state are kept, so neither the order of
    /// merging nor repetition changes the result. Of two equally early or equally advanced values the stored one is
    /// kept.
    ///
    /// SQL stores express the same rule in their upsert statement. The laws of `CallStore` compare every store with this
    /// function, for every order and for repeated and concurrent batches, so the two definitions cannot diverge.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.from = self.from.or(other.from);
        self.to = self.to.or(other.to);
        self.decision = earliest(self.decision, other.decision, |decision| decision.at);
        self.disconnection = earliest(self.disconnection, other.disconnection, |end| end.at);
        self.progress = match (self.progress, other.progress) {
            (Some(one), Some(two)) => Some(if two.status > one.status { two } else { one }),
            (one, two) => one.or(two),
        };
        self.facts = self.facts.or(other.facts);
        self.attempts.extend(other.attempts);
        self.attempts.sort_unstable();
        self.attempts.dedup();
        self.first_seen_at = self.first_seen_at.min(other.first_seen_at);
        self
    }
}

fn earliest<T>(one: Option<T>, two: Option<T>, at: impl Fn(&T) -> Timestamp) -> Option<T> {
    match (one, two) {
        (Some(one), Some(two)) => Some(if at(&two) < at(&one) { two } else { one }),
        (one, two) => one.or(two),
    }
}

#[cfg(test)]
mod tests {
    use super::{AttemptDestination, AttemptRecord, CallRecord};
    use crate::organization::default_organization;
    use crate::sid::{AccountSid, CallSid};
    use crate::status::{CallProgress, CallStatus};
    use crate::time::Timestamp;

    fn record(status: CallStatus, second: i64) -> CallRecord {
        let at = Timestamp::from_seconds(second);
        let account = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
        let call = CallSid::parse("CA0123456789abcdef0123456789abcdef").unwrap();
        let progress = CallProgress { status, duration_seconds: None, at };
        CallRecord {
            progress: Some(progress),
            ..CallRecord::of(account, default_organization(), call, at)
        }
    }

    #[test]
    fn merged_attempts_are_sorted_by_time_and_deduplicated() {
        let attempt = |second: i64, destination| AttemptRecord {
            at: Timestamp::from_seconds(second),
            destination,
        };
        let with = |attempts: Vec<AttemptRecord>| CallRecord {
            attempts,
            ..record(CallStatus::Ringing, 1)
        };
        let (first, second) = (
            attempt(1, AttemptDestination::Exhausted),
            attempt(2, AttemptDestination::Action("say")),
        );
        let merged = with(vec![second.clone()]).merge(with(vec![first.clone(), second.clone()]));
        assert_eq!(merged.attempts, [first, second]);
    }

    #[test]
    fn every_permutation_of_events_merges_to_the_same_record() {
        let events = [
            record(CallStatus::Ringing, 1),
            record(CallStatus::Completed, 3),
            record(CallStatus::InProgress, 2),
        ];
        let merged = |order: [usize; 3]| {
            let [one, two, three] = order.map(|index| events[index].clone());
            one.merge(two).merge(three)
        };
        let expected = merged([0, 2, 1]);
        assert_eq!(expected.progress.unwrap().status, CallStatus::Completed);
        for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(merged(order), expected);
        }
    }
}
