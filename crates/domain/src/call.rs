//! Calls: what comes in, and what is kept of it.

use crate::address::Address;
use crate::authentication::VerifiedBy;
use crate::field::{FieldError, given, number_or_empty, optional, required};
use crate::field_smuggling::{refuse_moved, refuse_swallowed, unless_hidden};
use crate::form::Form;
use crate::identifier::{AgentId, OrganizationId, PlanId};
use crate::plan::CallerFacts;
use crate::routing::Reason;
use crate::sid::{AccountSid, CallSid};
use crate::status::{CallProgress, CallStatus};
use crate::time::Timestamp;
use crate::web_address::WebUrl;

/// Who placed a leg of a call, and so which of its sides is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// Somebody called a number of ours.
    Inbound,
    /// Twilio called for a number of ours, by its API.
    Placed,
    /// A `<Dial>` called somebody else; its `From` is often the first caller's, so neither side tells whose
    /// it is.
    Dialled,
}

impl Leg {
    /// Reads Twilio's `Direction`: `inbound`, `outbound-api`, `outbound-dial` and what else it may add.
    /// Without one a call is inbound, unless its `Direction` was moved into another field.
    fn of(form: &Form) -> Result<Self, FieldError> {
        Ok(match unless_hidden(form, "Direction")? {
            Some("outbound-dial") => Self::Dialled,
            Some(direction) if direction.starts_with("outbound") => Self::Placed,
            _ => Self::Inbound,
        })
    }

    const fn own_side<T>(self, from: T, to: T) -> Option<T>
    where
        T: Copy,
    {
        match self {
            Self::Inbound => Some(to),
            Self::Placed => Some(from),
            Self::Dialled => None,
        }
    }
}

/// A request for TwiML for a call (Twilio, "TwiML Voice: request parameters").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundCall {
    /// The call.
    pub call: CallSid,
    /// Who calls.
    pub from: Address,
    /// Who is called.
    pub to: Address,
    /// Who placed it.
    pub leg: Leg,
}

impl InboundCall {
    /// Reads the fields that we act on; each must be there once and in its grammar.
    pub fn parse(form: &Form) -> Result<Self, FieldError> {
        let (from, to) = (form.only("From")?, form.only("To")?);
        refuse_swallowed(from, to)?;
        refuse_moved(form, ("From", from), "Caller")?;
        refuse_moved(form, ("To", to), "Called")?;
        Ok(Self {
            call: required(form, "CallSid", |text| CallSid::parse(text).ok())?,
            from: given("From", from, |text| Address::parse_caller(text).ok())?,
            to: given("To", to, |text| Address::parse(text).ok())?,
            leg: Leg::of(form)?,
        })
    }

    /// The side of the call that is ours, where one can be told.
    pub const fn own_side(&self) -> Option<&Address> {
        self.leg.own_side(&self.from, &self.to)
    }
}

/// A status callback of a call, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEvent {
    /// The call.
    pub call: CallSid,
    /// Who called.
    pub from: Option<Address>,
    /// Who was called.
    pub to: Option<Address>,
    /// Who placed it.
    pub leg: Leg,
    /// How far it has come.
    pub progress: CallProgress,
}

impl CallEvent {
    /// Reads a status callback of a call, or none if the form tells no status of one.
    pub(crate) fn parse(form: &Form, at: Timestamp) -> Result<Option<Self>, FieldError> {
        let call = required(form, "CallSid", |text| CallSid::parse(text).ok())?;
        // A word that Twilio adds tomorrow is no reason to refuse the callback.
        let Some(status) = form.only("CallStatus")?.and_then(CallStatus::parse) else {
            return Ok(None);
        };
        let duration_seconds = number_or_empty(form, "CallDuration")?;
        Ok(Some(Self {
            call,
            from: optional(form, "From", |text| Address::parse_caller(text).ok())?,
            to: optional(form, "To", |text| Address::parse_caller(text).ok())?,
            leg: Leg::of(form)?,
            progress: CallProgress { status, duration_seconds, at },
        }))
    }

    /// The side of the call that is ours, where one can be told.
    pub const fn own_side(&self) -> Option<&Address> {
        match self.leg.own_side(&self.from, &self.to) {
            Some(side) => side.as_ref(),
            None => None,
        }
    }
}

/// What Twilio asks when a step of a call is over: a stream, a relay, somebody who was attempt, a recording, a queue
/// (Twilio, "TwiML Connect: action", "`ConversationRelay`: action", "Dial: action", "Record: action", "Enqueue: action").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionEnd {
    /// The call.
    pub call: CallSid,
    /// Twilio's error code, where the connection failed.
    pub error_code: Option<u32>,
    /// Whether the step came to nothing, so that another one has to take the caller.
    pub came_to_nothing: bool,
    /// Whether the call itself is over, as it is when the caller has hung up.
    pub call_is_over: bool,
    /// What was recorded, where the step was a recording.
    pub recording: Option<Recording>,
}

/// What a caller left.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// Where Twilio keeps it.
    pub url: WebUrl,
    /// How long it is, in seconds.
    pub seconds: u32,
}

/// Shows the length only: the URL lets whoever has it listen.
impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recording({} s)", self.seconds)
    }
}

impl ConnectionEnd {
    /// Reads the fields that we act on.
    pub fn parse(form: &Form) -> Result<Self, FieldError> {
        let error_code = number_or_empty(form, "ErrorCode")?;
        let is = |name, words: &[&str]| {
            Ok::<_, FieldError>(form.only(name)?.is_some_and(|word| words.contains(&word)))
        };
        let came_to_nothing = error_code.is_some()
            || form.only("StreamError")?.is_some_and(|error| !error.is_empty())
            || is("StreamEvent", &["stream-error"])?
            || is("SessionStatus", &["failed"])?
            || is("DialCallStatus", &["busy", "no-answer", "failed", "canceled"])?
            || is("QueueResult", &["error", "system-error", "queue-full", "leave"])?;
        let status = form.only("CallStatus")?.and_then(CallStatus::parse);
        let url = optional(form, "RecordingUrl", |text| WebUrl::parse(text).ok())?;
        let seconds = number_or_empty(form, "RecordingDuration")?.unwrap_or_default();
        Ok(Self {
            call: required(form, "CallSid", |text| CallSid::parse(text).ok())?,
            error_code,
            came_to_nothing,
            call_is_over: status.is_some_and(CallStatus::is_final),
            recording: url.map(|url| Recording { url, seconds }),
        })
    }
}

/// A rule of a routing plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// The plan.
    pub plan: PlanId,
    /// Which version of it.
    pub version: u32,
    /// The rule's place, from zero; none for what happens otherwise.
    pub rule: Option<u32>,
}

/// Who was tried for a call, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptRecord {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub destination: AttemptDestination,
}

/// Who was tried for a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttemptDestination {
    /// An agent.
    Agent(AgentId),
    /// An action of the plan, by its word.
    Action(&'static str),
    /// Nobody was left.
    Nobody,
}

/// What was decided about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDecision {
    /// Who answers, if anybody.
    pub agent: Option<AgentId>,
    /// Why.
    pub reason: Reason,
    /// On what verification the request was taken.
    pub verified_by: VerifiedBy,
    /// The rule of a routing plan that decided, where one did.
    pub rule: Option<RuleRef>,
    /// When.
    pub at: Timestamp,
}

/// How the connection to the agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnection {
    /// Twilio's error code, where it failed.
    pub error_code: Option<u32>,
    /// When.
    pub at: Timestamp,
}

/// What is known of a call; events add to it in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The account that owns the call.
    pub account: AccountSid,
    /// The call.
    pub call: CallSid,
    /// The tenant that owns the account.
    pub organization: OrganizationId,
    /// Who called.
    pub from: Option<Address>,
    /// Who was called.
    pub to: Option<Address>,
    /// What was decided, once it was.
    pub decision: Option<CallDecision>,
    /// How far it has come, as far as we were told.
    pub progress: Option<CallProgress>,
    /// How the connection to the agent ended, once it has.
    pub disconnection: Option<Disconnection>,
    /// Where the caller was said to be, where a routing plan decided.
    pub facts: Option<CallerFacts>,
    /// Who was tried, one after the other, where a routing plan decided.
    pub attempts: Vec<AttemptRecord>,
    /// When we first heard of it.
    pub first_seen_at: Timestamp,
}

impl CallRecord {
    /// A record that knows nothing yet but which call it is.
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

    /// Adds a status event.
    #[must_use]
    pub fn with_event(mut self, event: CallEvent) -> Self {
        self.from = event.from.or(self.from);
        self.to = event.to.or(self.to);
        self.progress = Some(event.progress);
        self
    }

    /// What both records know together. The earliest decision and disconnection and the furthest state
    /// stand, so neither the order of merging nor repetition changes the result. Where two are equally
    /// early or equally far, the one that is known already stands.
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
    use super::{AttemptDestination, AttemptRecord, CallRecord, ConnectionEnd, InboundCall};
    use crate::form::Form;
    use crate::organization::default_organization;
    use crate::sid::{AccountSid, CallSid};
    use crate::status::{CallProgress, CallStatus};
    use crate::time::Timestamp;

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    fn parse(form: &str) -> Result<InboundCall, String> {
        InboundCall::parse(&Form::parse(form.as_bytes()).unwrap())
            .map_err(|error| error.to_string())
    }

    fn record(status: CallStatus, second: i64) -> CallRecord {
        let at = Timestamp::from_seconds(second);
        let account = AccountSid::parse(&format!("AC{DIGITS}")).unwrap();
        let call = CallSid::parse(&format!("CA{DIGITS}")).unwrap();
        let progress = CallProgress { status, duration_seconds: None, at };
        CallRecord {
            progress: Some(progress),
            ..CallRecord::of(account, default_organization(), call, at)
        }
    }

    #[test]
    fn the_called_side_is_ours_unless_we_call_and_a_dialled_leg_has_none() {
        let inbound = parse(&format!(
            "CallSid=CA{DIGITS}&From=%2B14155550199&To=%2B14155550100&Direction=inbound"
        ));
        assert_eq!(inbound.unwrap().own_side().unwrap().to_text(), "+14155550100");
        let outbound = parse(&format!(
            "CallSid=CA{DIGITS}&From=%2B14155550100&To=%2B14155550199&Direction=outbound-api"
        ));
        assert_eq!(outbound.unwrap().own_side().unwrap().to_text(), "+14155550100");
        let dialled = parse(&format!(
            "CallSid=CA{DIGITS}&From=%2B14155550199&To=%2B14155550101&Direction=outbound-dial"
        ));
        assert_eq!(dialled.unwrap().own_side(), None);
    }

    #[test]
    fn a_missing_or_folded_field_is_unreadable() {
        assert_eq!(
            parse(&format!("CallSid=CA{DIGITS}&To=%2B14155550100")).unwrap_err(),
            "field From is missing"
        );
        let folded =
            parse(&format!("CallSid=CA{DIGITS}&From=%2B14155550199FromCityX&To=%2B14155550100"));
        assert_eq!(folded.unwrap_err(), "field From is malformed");
    }

    #[test]
    fn a_step_came_to_nothing_where_twilio_says_so() {
        let parse = |rest: &str| {
            let form = Form::parse(format!("CallSid=CA{DIGITS}{rest}").as_bytes()).unwrap();
            ConnectionEnd::parse(&form).unwrap()
        };
        for (rest, came_to_nothing) in [
            ("", false),
            ("&StreamEvent=stream-stopped&StreamError=", false),
            ("&StreamEvent=stream-error", true),
            ("&ErrorCode=31920", true),
            ("&SessionStatus=failed", true),
            ("&SessionStatus=ended", false),
            ("&DialCallStatus=no-answer", true),
            ("&DialCallStatus=completed", false),
            ("&QueueResult=bridged", false),
            ("&QueueResult=queue-full", true),
        ] {
            assert_eq!(parse(rest).came_to_nothing, came_to_nothing, "{rest}");
        }
        let left =
            parse("&RecordingUrl=https%3A%2F%2Fapi.twilio.com%2Frec%2FRE1&RecordingDuration=7");
        assert_eq!(left.recording.unwrap().seconds, 7);
    }

    #[test]
    fn rungs_come_in_the_order_of_their_times_and_once() {
        let attempt = |second: i64, destination| AttemptRecord {
            at: Timestamp::from_seconds(second),
            destination,
        };
        let with = |attempts: Vec<AttemptRecord>| CallRecord {
            attempts,
            ..record(CallStatus::Ringing, 1)
        };
        let (first, second) =
            (attempt(1, AttemptDestination::Nobody), attempt(2, AttemptDestination::Action("say")));
        let merged = with(vec![second.clone()]).merge(with(vec![first.clone(), second.clone()]));
        assert_eq!(merged.attempts, [first, second]);
    }

    #[test]
    fn the_order_of_events_changes_nothing() {
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
