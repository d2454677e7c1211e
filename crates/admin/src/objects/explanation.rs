//! The decision for a hypothetical call or message, and its reason, as JSON.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_application_management::{Explanation, Target};
use utoipa::ToSchema;

use super::{DecidedObject, TargetObject};
use crate::wording::Wording;

/// What withheld numbers mean for a decision by weight or share.
pub const RANDOM: &str =
    "the caller ID is withheld, so each call is decided at random; this is one possible decision";

/// The decision, and its reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Explanation)]
pub struct ExplanationObject {
    /// What is called or written to.
    pub to: String,
    /// The caller or sender.
    pub from: String,
    /// The channel.
    pub channel: Cow<'static, str>,
    /// The time of the decision.
    #[schema(format = DateTime)]
    pub at: String,
    /// The agent that is chosen, even if it cannot be reached.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// Its name.
    #[schema(required)]
    pub agent_name: Option<String>,
    /// Its target.
    #[schema(required)]
    pub target: Option<TargetObject>,
    /// The reason of the decision.
    pub reason: Cow<'static, str>,
    /// What the reason means, and what to do about it.
    pub explanation: String,
    /// The account of the number; `null` if the number is not stored.
    #[schema(required)]
    pub number_account_sid: Option<String>,
    /// The decision of the routing plan.
    #[schema(required)]
    pub plan: Option<DecidedObject>,
    /// Why the attached plan cannot decide.
    pub plan_problems: Vec<String>,
    /// The agents whose voice servers do not answer a health check of the command line from its machine. Running servers
    /// check for themselves, and skip an agent of a routing plan while its server is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down: Option<Vec<DownAgentObject>>,
    /// What was decided about a recorded call, which the command line decides again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedDecisionObject>,
}

/// The decision about a call when it came.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RecordedDecision)]
pub struct RecordedDecisionObject {
    /// The agent that was chosen.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// Its name; `null` if it was removed.
    #[schema(required)]
    pub agent_name: Option<String>,
    /// The reason of the decision.
    pub reason: Cow<'static, str>,
    /// What the reason means.
    pub explanation: String,
}

/// For people.
impl fmt::Display for RecordedDecisionObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.agent_id, &self.agent_name) {
            (Some(id), Some(name)) => write!(f, "agent {name} ({id}): {}", self.explanation),
            (Some(id), None) => write!(f, "agent {id} (removed): {}", self.explanation),
            (None, _) => write!(f, "no agent: {}", self.explanation),
        }
    }
}

/// An agent whose voice server does not answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DownAgent)]
pub struct DownAgentObject {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl ExplanationObject {
    /// Renders an explanation without the addresses, the channel and the time.
    pub fn of(explanation: &Explanation, wording: &dyn Wording) -> Self {
        let agent = explanation.agent();
        let problems = explanation.problems.iter().map(|problem| wording.plan_problem(problem));
        Self {
            to: String::new(),
            from: String::new(),
            channel: Cow::Borrowed(""),
            at: String::new(),
            agent_id: agent.map(|(id, _)| id.to_string()),
            agent_name: agent.map(|(_, name)| name.as_str().to_owned()),
            target: explanation.target.as_ref().map(|target| match target {
                Target::Voice(target) => TargetObject::of_voice(target),
                Target::Message(target) => TargetObject::of_message(target),
            }),
            reason: explanation.reason.as_str().into(),
            explanation: wording.decision(explanation.reason),
            number_account_sid: explanation.route.as_ref().map(|route| route.account.to_string()),
            plan: explanation.plan.as_ref().map(|plan| DecidedObject::of(plan, wording)),
            plan_problems: problems.collect(),
            down: None,
            recorded: None,
        }
    }

    /// The decision without a routing plan.
    fn without_plan(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.plan_problems.is_empty() {
            f.write_str(match &self.recorded {
                None => "no routing plan is attached to the number\n",
                Some(_) => {
                    "no routing plan decided the call; the agent that the number is assigned to today would be:\n"
                }
            })?;
        } else {
            writeln!(
                f,
                "the routing plan of the number is not used until these problems are fixed:"
            )?;
            self.plan_problems.iter().try_for_each(|problem| writeln!(f, "  {problem}"))?;
        }
        match (&self.agent_name, &self.agent_id, &self.target) {
            (Some(name), Some(id), Some(target)) => {
                write!(f, "answered by agent {name} ({id}): {}\ntarget: {target}", self.explanation)
            }
            (Some(name), Some(id), None) => {
                write!(f, "not answered by agent {name} ({id}): {}", self.explanation)
            }
            _ => write!(f, "not answered: {}", self.explanation),
        }
    }
}

/// For people.
impl fmt::Display for ExplanationObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, from, channel, at, .. } = self;
        let what = if *channel == "voice" { "call" } else { &**channel };
        writeln!(f, "{what} from {from} to {to} at {at}")?;
        if let Some(recorded) = &self.recorded {
            writeln!(f, "decided at the time: {recorded}")?;
        }
        let Some(plan) = &self.plan else { return self.without_plan(f) };
        writeln!(f, "{plan}\n")?;
        plan.rules.iter().try_for_each(|rule| writeln!(f, "  {rule}"))?;
        let mut otherwise =
            plan.problems.iter().filter(|problem| problem.starts_with("/otherwise"));
        otherwise.try_for_each(|problem| writeln!(f, "  otherwise is incomplete: {problem}"))?;
        if !plan.rules.is_empty() {
            writeln!(f)?;
        }
        if let Some(url) = &plan.asks {
            writeln!(
                f,
                "the decision service at {url} may choose another agent of the rule first"
            )?;
        }
        if plan.random {
            writeln!(f, "{RANDOM}")?;
        }
        let mut destinations = plan.fallback_chain.iter();
        match destinations.next() {
            Some(first) => write!(f, "answered by {first}")?,
            None => write!(f, "not answered: {}", self.explanation)?,
        }
        if let Some(target) = &self.target {
            write!(f, ", target: {target}")?;
        }
        destinations.try_for_each(|next| {
            write!(f, "\n  then {next}")?;
            next.if_answered().map_or(Ok(()), |what| write!(f, ": {what}"))
        })?;
        plan.skipped.iter().try_for_each(|skipped| write!(f, "\n{skipped}"))?;
        match &plan.next {
            Some(next) => write!(f, "\nnext change {next}"),
            None => write!(f, "\nno change by time of day or date within a year"),
        }
    }
}
