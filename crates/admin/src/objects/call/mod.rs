//! A call as JSON.

mod timeline;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::address::Address;
use switchboard_domain::agent::Label;
use switchboard_domain::call::{AttemptDestination, CallRecord, TimelineEntry};
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::time::Timestamp;
use utoipa::ToSchema;

use super::NumberDisplay;
use super::destination::ANSWERED_IS_NOT_REJECTED;
use super::instant;
use super::party::{AgentRefObject, PlanRefObject, RuleRefObject, address};
use crate::wording::Wording;

pub use timeline::{TimelineObject, by_rule, failures, skipped_agents};

/// A call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Call)]
pub struct CallObject {
    /// Its SID.
    pub sid: String,
    /// The account that it belongs to.
    pub account_sid: String,
    /// The organization of the account.
    pub organization: String,
    /// Our number.
    #[schema(required)]
    pub number: Option<String>,
    /// The caller.
    #[schema(required)]
    pub from: Option<String>,
    /// What was called.
    #[schema(required)]
    pub to: Option<String>,
    /// `inbound` or `outbound`.
    pub direction: Cow<'static, str>,
    /// The agent that the decision chose.
    #[schema(required)]
    pub agent: Option<AgentRefObject>,
    /// The routing plan that decided.
    #[schema(required)]
    pub plan: Option<PlanRefObject>,
    /// The rule of the plan that decided.
    #[schema(required)]
    pub rule: Option<RuleRefObject>,
    /// The reason of the decision.
    #[schema(required)]
    pub reason: Option<Cow<'static, str>>,
    /// `in_progress`, `answered`, `fell_back`, `unanswered`, `rejected` or `failed`.
    pub outcome: Cow<'static, str>,
    /// The destinations that were tried, in their order.
    pub attempts: Vec<CallAttemptObject>,
    /// When its first event arrived.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// When it ended, if its end was reported.
    #[schema(required, format = DateTime)]
    pub ended_at: Option<String>,
    /// How long it lasted.
    #[schema(required)]
    pub duration_seconds: Option<i64>,
    /// What happened, oldest first. Lists contain only what the record of the call tells.
    pub timeline: Vec<TimelineObject>,
}

/// An attempt of the fallback chain of a call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CallAttempt)]
pub struct CallAttemptObject {
    /// When it began.
    #[schema(format = DateTime)]
    pub at: String,
    /// `agent`, `action` or `exhausted`.
    pub kind: Cow<'static, str>,
    /// The agent.
    #[schema(required)]
    pub agent: Option<AgentRefObject>,
    /// The action.
    #[schema(required)]
    pub action: Option<Cow<'static, str>>,
    /// Twilio's error code or the outcome of the dialed call; `null` if the attempt did not fail, or for no known cause.
    #[schema(required)]
    pub failure: Option<String>,
}

/// What is known about a call, with the names of what its record refers to.
pub struct CallStory<'a> {
    /// The record.
    pub call: &'a CallRecord,
    /// What happened during the call. Lists leave it out.
    pub timeline: &'a [TimelineEntry],
    /// The agent of the decision.
    pub agent: Option<AgentRefObject>,
    /// The plan of the decision.
    pub plan: Option<PlanRefObject>,
    /// The agents of the attempts, in their order.
    pub tried: Vec<Option<AgentRefObject>>,
    /// The agents that the timeline names.
    pub skipped: HashMap<AgentId, AgentRefObject>,
    /// The agent that the number is assigned to now, if it could not take the call.
    pub idle_agent: Option<AgentRefObject>,
    /// Whether the call is from one of our numbers.
    pub is_outbound: bool,
    /// The rules of the plan behind the decision, each with why it does or does not match. Lists leave them out.
    pub rules: Vec<String>,
    /// A plan that decides for the number now, but did not decide the call. Lists leave it out.
    pub unused_plan: Option<UnusedPlan>,
}

/// A routing plan that is attached to the number of a call and did not decide it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedPlan {
    /// Its id.
    pub id: PlanId,
    /// Its name.
    pub name: Label,
    /// Whether it cannot be read.
    pub is_unreadable: bool,
}

impl fmt::Display for UnusedPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_str();
        if self.is_unreadable {
            write!(
                f,
                "the routing plan {name:?} of the number cannot be read, so it is not used: the agent of the number answers"
            )
        } else {
            write!(
                f,
                "the routing plan {name:?} decides for this number now, but did not decide this call"
            )
        }
    }
}

impl CallStory<'_> {
    /// An agent that the timeline names.
    fn agent_name(&self, id: &AgentId) -> String {
        self.skipped.get(id).map_or_else(|| format!("agent {id}"), ToString::to_string)
    }
}

impl CallObject {
    /// Renders a call.
    pub fn of(story: &CallStory<'_>, phone_numbers: NumberDisplay, wording: &dyn Wording) -> Self {
        let call = story.call;
        let shown = |side: Option<&Address>| side.map(|side| address(side, phone_numbers));
        let (from, to) = (call.from.as_ref(), call.to.as_ref());
        let failed = failures(story);
        let attempts = call.attempts.iter().zip(&story.tried).enumerate();
        let attempts: Vec<_> = attempts
            .map(|(place, (attempt, agent))| {
                let failed = failed.iter().find(|(_, failed, _)| *failed == place);
                let failure = failed.and_then(|(.., cause)| cause.to_text());
                CallAttemptObject::of(attempt.at, &attempt.destination, agent.clone(), failure)
            })
            .collect();
        let decision = call.decision.as_ref();
        let rule = decision.and_then(|decision| decision.rule.as_ref()).map(RuleRefObject::of);
        let timeline = timeline::entries(story, rule.as_ref(), &attempts, wording);
        let ended = ended(call);
        Self {
            sid: call.call.to_string(),
            account_sid: call.account.to_string(),
            organization: call.organization.to_string(),
            number: shown(if story.is_outbound { from } else { to }),
            from: shown(from),
            to: shown(to),
            direction: if story.is_outbound { "outbound" } else { "inbound" }.into(),
            rule,
            reason: decision.map(|decision| decision.reason.as_str().into()),
            outcome: call.outcome().as_str().into(),
            attempts,
            started_at: instant(call.first_seen_at),
            ended_at: ended.map(instant),
            duration_seconds: duration(call, ended),
            timeline,
            agent: story.agent.clone(),
            plan: story.plan.clone(),
        }
    }
}

/// How far a call is when an attempt begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ringing,
    /// An agent has had the call.
    Answered,
}

impl CallAttemptObject {
    fn of(
        at: Timestamp,
        destination: &AttemptDestination,
        agent: Option<AgentRefObject>,
        failure: Option<String>,
    ) -> Self {
        let (kind, action) = match destination {
            AttemptDestination::Agent(_) => ("agent", None),
            AttemptDestination::Action(action) => ("action", Some(*action)),
            AttemptDestination::Exhausted => ("exhausted", None),
        };
        let action = action.map(Cow::Borrowed);
        Self { at: instant(at), kind: kind.into(), agent, action, failure }
    }

    /// Where the attempt leads, for people; `None` after the last destination.
    pub fn destination(&self) -> Option<String> {
        match (&self.agent, &self.action) {
            (Some(agent), _) => Some(agent.to_string()),
            (None, action) => action.as_ref().map(|action| format!("the action {action}")),
        }
    }

    fn sentence(&self, place: usize, stage: Stage) -> String {
        let Some(to) = self.destination() else {
            return "every destination had been tried".to_owned();
        };
        // After a dialed phone that nobody answered, a call can still be rejected.
        let is_late_reject =
            place > 1 && self.action.as_deref() == Some("reject") && stage == Stage::Answered;
        let what =
            if is_late_reject { format!("; {ANSWERED_IS_NOT_REJECTED}") } else { String::new() };
        format!("attempt {place}: sent to {to}{what}")
    }
}

/// When the call ended, if its end was reported.
fn ended(call: &CallRecord) -> Option<Timestamp> {
    let reported = call.progress.filter(|progress| progress.status.is_final());
    reported.map(|progress| progress.at).or(call.disconnection.map(|end| end.at))
}

/// How long the call lasted: as Twilio reports it, else between the first event and the end.
fn duration(call: &CallRecord, ended: Option<Timestamp>) -> Option<i64> {
    let reported = call.progress.and_then(|progress| progress.duration_seconds);
    let computed = || Some((ended?.seconds() - call.first_seen_at.seconds()).max(0));
    reported.map(i64::from).or_else(computed)
}

/// Whether an agent was the last destination.
pub fn has_agent(call: &CallRecord) -> bool {
    match call.attempts.last() {
        Some(attempt) => matches!(attempt.destination, AttemptDestination::Agent(_)),
        None => call.decision.as_ref().is_some_and(|decision| decision.agent.is_some()),
    }
}
