//! The stored record of a call, and how records of one call merge.

use super::request::{CallDirection, CallEvent};
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

/// What an attempt led to.
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

/// Seconds after the first decision about a call in which the request for it may be repeated, as Twilio does after a
/// time-out. Later, a repeated request is stale and changes nothing.
pub const FRESH_SECONDS: i64 = 60;

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
    /// Direction; `None` until a request for TwiML tells it.
    pub direction: Option<CallDirection>,
    /// The first routing decision; `None` until one is made.
    pub decision: Option<CallDecision>,
    /// The most advanced state; `None` until a callback reports one.
    pub progress: Option<CallProgress>,
    /// The end of the connection to the agent; `None` until it ends.
    pub disconnection: Option<Disconnection>,
    /// When a voice server first opened the session; `None` if none did.
    pub session_opened_at: Option<Timestamp>,
    /// Where Twilio reported the caller to be; `None` if it reported nothing and no routing plan decided.
    pub facts: Option<CallerFacts>,
    /// Attempts of the fallback chain, in the order of their times.
    pub attempts: Vec<AttemptRecord>,
    /// When the first event of the call arrived.
    pub first_seen_at: Timestamp,
}

impl CallRecord {
    /// Whether a token of the account signed the request that was decided, so that the addresses are from Twilio.
    pub fn is_verified(&self) -> bool {
        self.decision.as_ref().is_some_and(|decision| decision.verified_by.is_token())
    }

    /// Whether a callback reported that the call has ended.
    pub fn has_ended(&self) -> bool {
        self.progress.is_some_and(|progress| progress.status.is_final())
    }

    /// Whether the call is over: a callback reported its end, or the connection to its last destination ended.
    pub fn is_over(&self) -> bool {
        self.has_ended() || self.disconnection.is_some()
    }

    /// Whether a request for the call's first TwiML at `now` is stale: the call is over, or was first decided longer ago
    /// than Twilio retries.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.is_over() || self.decision.as_ref().is_some_and(|decision| is_old(decision.at, now))
    }

    /// Whether a session of an agent that began at `began` is stale: the call has ended, or the agent got the call much
    /// earlier, so that its request was sent again. An agent that is not recorded yet has just got the call.
    pub fn is_stale_session(&self, agent: &AgentId, began: Timestamp) -> bool {
        self.has_ended() || self.began(agent).is_some_and(|first| is_old(first, began))
    }

    /// Whether the end of an agent's attempt was reported before: the call is over, or went on to something else.
    pub fn is_repeated_end(&self, agent: &AgentId) -> bool {
        self.is_over() || self.after(agent).is_some()
    }

    /// Whether that was longer ago than Twilio retries.
    pub fn is_stale_end(&self, agent: &AgentId, now: Timestamp) -> bool {
        self.is_over() || self.after(agent).is_some_and(|next| is_old(next.at, now))
    }

    /// Whether the end of the last of `tried` attempts was reported before: the call is over, or more were made.
    pub fn has_more_attempts(&self, tried: usize) -> bool {
        self.is_over() || self.attempts.len() > tried
    }

    /// The attempt that followed an agent's.
    fn after(&self, agent: &AgentId) -> Option<&AttemptRecord> {
        let is_own = |attempt: &AttemptRecord| matches!(&attempt.destination, AttemptDestination::Agent(of) if of == agent);
        let own = self.attempts.iter().position(is_own)?;
        self.attempts.get(own + 1)
    }

    /// When an agent got the call.
    fn began(&self, agent: &AgentId) -> Option<Timestamp> {
        let attempt = self.attempts.iter().find_map(|attempt| match &attempt.destination {
            AttemptDestination::Agent(of) if of == agent => Some(attempt.at),
            _ => None,
        });
        let decision = self.decision.as_ref();
        let decided = decision.filter(|decision| decision.agent.as_ref() == Some(agent));
        attempt.or(decided.map(|decision| decision.at))
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
            direction: None,
            decision: None,
            progress: None,
            disconnection: None,
            session_opened_at: None,
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
        self.direction = self.direction.or(other.direction);
        self.decision = earliest(self.decision, other.decision, |decision| decision.at);
        self.disconnection = earliest(self.disconnection, other.disconnection, |end| end.at);
        self.progress = match (self.progress, other.progress) {
            (Some(one), Some(two)) => Some(if two.status > one.status { two } else { one }),
            (one, two) => one.or(two),
        };
        self.session_opened_at =
            earliest(self.session_opened_at, other.session_opened_at, |at| *at);
        self.facts = self.facts.or(other.facts);
        self.attempts.extend(other.attempts);
        self.attempts.sort_unstable();
        self.attempts.dedup();
        self.first_seen_at = self.first_seen_at.min(other.first_seen_at);
        self
    }
}

/// Whether something that was decided at `first` was so long ago at `now` that Twilio does not retry any more.
pub fn is_old(first: Timestamp, now: Timestamp) -> bool {
    now > first.plus_seconds(FRESH_SECONDS)
}

fn earliest<T>(one: Option<T>, two: Option<T>, at: impl Fn(&T) -> Timestamp) -> Option<T> {
    match (one, two) {
        (Some(one), Some(two)) => Some(if at(&two) < at(&one) { two } else { one }),
        (one, two) => one.or(two),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AttemptDestination, AttemptRecord, CallDecision, CallRecord, Disconnection, FRESH_SECONDS,
    };
    use crate::authentication::VerifiedBy;
    use crate::identifier::AgentId;
    use crate::organization::default_organization;
    use crate::routing::Reason;
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

    fn agent(index: u8) -> AgentId {
        AgentId::new(Timestamp::from_seconds(0), [index; 10])
    }

    /// A call that agent 1 got at second 1.
    fn decided() -> CallRecord {
        let decision = CallDecision {
            agent: Some(agent(1)),
            reason: Reason::Assigned,
            verified_by: VerifiedBy::PrimaryToken,
            rule: None,
            at: Timestamp::from_seconds(1),
        };
        CallRecord { decision: Some(decision), ..record(CallStatus::Ringing, 1) }
    }

    fn attempt(second: i64, index: u8) -> AttemptRecord {
        let destination = AttemptDestination::Agent(agent(index));
        AttemptRecord { at: Timestamp::from_seconds(second), destination }
    }

    #[test]
    fn a_request_is_stale_when_its_call_is_over_or_old() {
        let at = Timestamp::from_seconds;
        let window = 1 + FRESH_SECONDS;
        assert!(!decided().is_stale(at(window)) && decided().is_stale(at(window + 1)));
        assert!(!record(CallStatus::Ringing, 1).is_stale(at(window + 1)), "not decided yet");
        assert!(record(CallStatus::Completed, 1).is_stale(at(1)));
        let disconnection = Some(Disconnection { error_code: None, at: at(1) });
        assert!(CallRecord { disconnection, ..decided() }.is_stale(at(1)));
    }

    #[test]
    fn a_session_is_stale_if_its_agent_got_the_call_long_before() {
        let at = Timestamp::from_seconds;
        let late = 1 + FRESH_SECONDS + 1;
        assert!(decided().is_stale_session(&agent(1), at(late)));
        assert!(!decided().is_stale_session(&agent(2), at(late)), "a later attempt");
        let attempts = vec![attempt(1, 1), attempt(late, 2)];
        let call = CallRecord { attempts, ..decided() };
        assert!(!call.is_stale_session(&agent(2), at(late)));
        assert!(call.is_stale_session(&agent(2), at(2 * late)));
    }

    #[test]
    fn an_end_is_repeated_once_its_call_went_on_or_is_over() {
        let with = |attempts| CallRecord { attempts, ..decided() };
        assert!(!decided().is_repeated_end(&agent(1)));
        assert!(!with(vec![attempt(1, 1)]).is_repeated_end(&agent(1)));
        let both = with(vec![attempt(1, 1), attempt(9, 2)]);
        assert!(both.is_repeated_end(&agent(1)) && !both.is_repeated_end(&agent(2)));
        assert!(record(CallStatus::Completed, 1).is_repeated_end(&agent(1)));
        let at = Timestamp::from_seconds;
        assert!(!both.is_stale_end(&agent(1), at(9 + FRESH_SECONDS)));
        assert!(both.is_stale_end(&agent(1), at(10 + FRESH_SECONDS)));
        assert!(!both.is_stale_end(&agent(2), at(10 + FRESH_SECONDS)));
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
